#!/usr/bin/env bash
# A step of the action: the packages of the grader, in an environment of their own beside the repository.
set -euo pipefail
python -m venv "$RUNNER_TEMP/grader"
"$RUNNER_TEMP/grader/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$GITHUB_ACTION_PATH/requirements.txt"
