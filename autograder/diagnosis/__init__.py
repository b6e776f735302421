"""Names the likely mistake behind wrong numbers."""
