#!/usr/bin/env python3
"""Grade a submission: ``python grade.py SUBMISSION``; ``--help`` tells more."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - older ones can parse this file, but no other
    version = "%d.%d" % sys.version_info[:2]  # noqa: UP031
    sys.stderr.write(
        "error: Python 3.11 or newer is needed and this is " + version + "; use a newer one for .venv.\n"
    )
    sys.exit(2)

from autograder.cli.main import grade_main

if __name__ == "__main__":
    sys.exit(grade_main(sys.argv[1:]))
