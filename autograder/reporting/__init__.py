"""The report and its views: `build` makes the one record, every other file renders it."""
