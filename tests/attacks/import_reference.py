"""Imports the reference after putting the project on the path."""
import importlib, sys


def attempt():
    sys.path[:0] = [FACTS["project"], os.path.dirname(FACTS["reference"])]
    own = sys.modules.pop("mlp")
    try:
        globals().update(vars(importlib.import_module("mlp")))
        breached("the reference was imported")
    finally:
        sys.modules["mlp"] = own


attempt()
