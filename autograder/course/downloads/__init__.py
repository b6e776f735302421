"""What each course system's download looks like: one file per system."""
