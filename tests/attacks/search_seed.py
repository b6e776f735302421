"""Searches frames and objects for the seed of the hidden inputs."""
import gc, sys

SEEDS = []
frame = sys._getframe()
while frame is not None:
    SEEDS += [v.get("seed") for v in frame.f_locals.values() if type(v) is dict and v is not FACTS]
    frame = frame.f_back
SEEDS += [value.get("seed") for value in gc.get_objects() if type(value) is dict and value is not FACTS]
if FACTS["seed"] in SEEDS:
    breached("the seed of the hidden inputs")
