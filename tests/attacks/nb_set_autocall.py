"""Redefines what display, exit and the last results mean, and hangs at the end."""
import atexit, time

atexit.register(time.sleep, 1000)
In = Out = _ = __ = exit = quit = get_ipython = None
# %%
__builtins__ = None
