"""The checks that students run themselves: NumPy only, with what the reference answered in its place."""
