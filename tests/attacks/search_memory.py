"""Searches all objects and modules of its process for checks, the reference and the rubric."""
import gc, sys

for name in list(sys.modules):
    if name.startswith(("autograder.checking", "autograder.host", "autograder.scoring", "reference", "pytest")):
        breached(name)
for found in gc.get_objects():
    if isinstance(found, dict) and ("max_score" in found or "tolerances" in found or "rubric" in found):
        breached("a rubric")
    if callable(found) and getattr(found, "__name__", "") == "softmax_cce_backward":
        breached("the reference")
