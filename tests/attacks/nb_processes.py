"""Starts processes and signals others from a cell."""
import os

if os.fork() == 0:
    os._exit(0)
breached("fork")
# %%
import signal

os.kill(FACTS["victim"], signal.SIGTERM)
breached("a signal")
