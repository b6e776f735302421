"""Runs the reference's source to have all its functions."""


def attempt():
    exec(open(FACTS["reference"]).read(), globals())
    breached("the reference was read")


attempt()
