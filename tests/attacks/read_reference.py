"""Runs the reference's source to have all its functions."""
exec(open(FACTS["reference"]).read(), globals())
breached("the reference was read")
