"""Rubric and results become points: arithmetic only."""
