"""Uses packages that do the work, by import and by their files."""
import importlib, sys


def attempt(name):
    sys.meta_path[:] = [f for f in sys.meta_path if "Refusal" not in type(f).__name__]
    sys.modules.pop(name, None)
    return importlib.import_module(name)


for name in ("sklearn", "scipy", "torch"):
    try:
        attempt(name)
        breached(name)
    except ImportError:
        continue
