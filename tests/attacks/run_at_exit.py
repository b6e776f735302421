"""Has code run when the process ends: exit functions, finalizers, weak references."""
import atexit, weakref


def late(*args):
    with open(FACTS["folder"] + "/late", "w") as file:
        file.write("late")
    breached("late")


class Final:
    __del__ = late


atexit.register(late)
kept = Final()
weakref.finalize(kept, late)
