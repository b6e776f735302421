"""Grade a submission: ``python grade.py SUBMISSION``; ``--help`` tells more."""

import sys

if sys.version_info < (3, 11):
    sys.exit(f"error: Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Use another python3 to make .venv.")

from autograder.cli.main import grade_main

if __name__ == "__main__":
    sys.exit(grade_main(sys.argv[1:]))
