"""``python -m autograder``: the commands for whoever writes or runs a homework."""

import sys

from autograder.cli.main import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
