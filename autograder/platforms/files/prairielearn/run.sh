#!/usr/bin/env bash
# PrairieLearn runs this for each submission: it reads /grade/student and writes /grade/results/results.json.
set -uo pipefail
root="${GRADE_ROOT:-/grade}"
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 4

# Seconds, as in the question's info.json: set both alike. The grading ends before them, with a result.
timeout_s=@TIMEOUT_S@
options=(@OPTIONS@)

# First what holds if nothing better comes. Renamed into place: nobody must ever see a half.
mkdir -p "$root/results"
cp unfinished.json "$root/results/.results.json"
mv "$root/results/.results.json" "$root/results/results.json"

# Solution and checks are nobody's but the grader's, whoever else there is in this container.
chmod -R go-rwx . 2>/dev/null
exec timeout --signal=TERM --kill-after=5 "$((timeout_s - 10))" \
    "${PYTHON:-python3}" -m autograder run prairielearn "$root" --timeout "$timeout_s" ${options[@]+"${options[@]}"}
