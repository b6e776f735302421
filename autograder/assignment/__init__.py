"""Reads an assignment's two TOML files and refuses them, before anything runs, if they are wrong."""
