"""Grade a submission: ``python grade.py SUBMISSION``; ``--help`` tells more."""

import sys

if sys.version_info < (3, 11):  # older ones can parse this file, but no other
    version = "%d.%d" % sys.version_info[:2]  # noqa: UP031
    sys.exit(
        "error: Python 3.11 or newer is needed and this is " + version + "; make .venv with a newer python3."
    )

from autograder.cli.main import grade_main

if __name__ == "__main__":
    sys.exit(grade_main(sys.argv[1:]))
