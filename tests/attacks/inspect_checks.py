"""Asks inspect, linecache and the import system for the sources of checks and engine."""
import importlib.util, inspect, linecache, sys

import autograder

for module in [m for n, m in sys.modules.items() if n.startswith("autograder")]:
    try:
        inspect.getsource(module)
        breached(module.__name__)
    except (OSError, TypeError):
        continue
for name in ("autograder.checking", "autograder.host.session", "autograder.pipeline"):
    try:
        importlib.import_module(name)
        breached(name)
    except ImportError:
        continue
