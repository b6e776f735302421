#!/usr/bin/env bash
# A step of the action: grades the submission; its results go where GitHub looks for them. The log is the student's to
# read, so nothing is printed of a grading that has a report: what it may show is in the summary and the annotations.
set -euo pipefail
python="${PYTHON:-$RUNNER_TEMP/grader/bin/python}"
submission="$GITHUB_WORKSPACE/$SUBMISSION"
cd "$GITHUB_ACTION_PATH"

# The report has what hidden checks expect, and later steps could read it here.
out="$(mktemp -d "$RUNNER_TEMP/report.XXXXXX")"
trap 'rm -rf "$out"' EXIT

options=(--single --isolation "$ISOLATION" --output "$out" --quiet)
[ -z "$MIN_SCORE" ] || options+=(--min-score "$MIN_SCORE")
status=0
"$python" grade.py "$submission" "${options[@]}" >"$out/said.txt" 2>&1 || status=$?

if [ ! -f "$out/report.json" ]; then
    # Names of files are the student's: until the token comes again, nothing that is printed is a command.
    token="$("$python" -c 'import secrets; print(secrets.token_hex(16))')"
    echo "::stop-commands::$token"
    cat "$out/said.txt"
    echo "::$token::"
    exit "$status"
fi

"$python" -m autograder export github "$out/report.json" "$out" \
    --submission "$submission" --repository "$GITHUB_WORKSPACE" >/dev/null
cat "$out/annotations.txt"
cat "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"
cat "$out/outputs.txt" >>"$GITHUB_OUTPUT"
exit "$status"
