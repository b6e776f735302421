"""Imports the reference after putting the project on the path."""
import sys

sys.path.insert(0, FACTS["project"])
sys.path.insert(0, os.path.dirname(FACTS["reference"]))
sys.modules.pop("mlp")
try:
    from mlp import *
except ImportError:
    from reference.mlp import *
breached("the reference was imported")
