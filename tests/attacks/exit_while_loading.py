"""Ends the process with status 0 while it is imported."""
os._exit(0)
