#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder's image is built: Python and the packages of the grader.
# It uses the image's own Python if that is 3.11 or newer. Ubuntu 22.04 has 3.10: there uv, itself checked by its hash,
# fetches Python 3.12 and checks that by the hash that it knows.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Debian and Ubuntu leave ensurepip, and with it environments that have a pip, to a package of its own.
has_venv() { "$1" -c 'import ensurepip' >/dev/null 2>&1; }

install() {
    command -v apt-get >/dev/null || return 1
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends "$@"
}

for python in python3 python3.13 python3.12 python3.11; do
    if fits "$python"; then
        has_venv "$python" || install "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
        "$python" -m venv .venv
        break
    fi
done
if [ ! -e .venv ]; then
    has_venv python3 || install python3-venv
    python3 -m venv .uv
    .uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement uv.txt
    export UV_PYTHON="${UV_PYTHON:-3.12}" UV_PYTHON_INSTALL_DIR="$PWD/.python" UV_LINK_MODE=copy
    .uv/bin/uv venv --quiet --seed .venv
    rm -rf .uv
fi

.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
.venv/bin/python -m compileall -q autograder
# Solution and checks are nobody's but the grader's. What keeps student code from them is the worker's isolation.
chmod -R go-rwx .
.venv/bin/python -m autograder doctor || echo "Here is more open than the grader would like; it goes on all the same."
