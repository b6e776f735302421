"""Takes over every later import and the exit of the process."""
import builtins, sys

real = builtins.__import__


def hostile(name, *args, **kwargs):
    if name.startswith("autograder"):
        raise SystemExit(0)
    return real(name, *args, **kwargs)


builtins.__import__ = hostile
sys.meta_path.clear()
sys.path_hooks.clear()
