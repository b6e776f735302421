"""A report as other systems read it: one file for each of them, every one a view of the same report."""
