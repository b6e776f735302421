"""Finds the file that counts in what was handed in, and reads it; runs nothing."""
