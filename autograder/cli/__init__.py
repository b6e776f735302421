"""The command line: parsers, exit status, and nothing that decides a mark."""
