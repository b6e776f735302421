"""What naming a mistake costs, in processor time of the grader and of the submission.

    python benchmarks/diagnosis.py            print the table
    python benchmarks/diagnosis.py --check    also exit with 1 if a limit is exceeded

Every tenth mistake of the catalogue is a submission in this process.  Loading is reading the catalogue and
compiling the reference for the first time; a failed check is diagnosed from a cold start, as for a single
submission, and once more with all that does not depend on the submission at hand, as in a class.  Trainings
are left out: they are not diagnosed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
LOAD_S, PER_CHECK_S = 2.0, 0.05  # the second is the median's limit


def main() -> int:
    """Measure, print, compare with the limits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    from autograder.assignment.load import load
    from autograder.assignment.mistakes import read_mistakes
    from autograder.checking.fixtures import Fixtures
    from autograder.checking.in_process import InProcessSession
    from autograder.checking.run import collect

    assignment = load(ROOT)
    checks = collect(assignment)
    began = time.process_time()
    from autograder.diagnosis import variants
    from autograder.diagnosis.diagnose import Diagnostician

    catalogue = read_mistakes(assignment.mistakes)
    source = variants.of(assignment.reference)
    source.namespace()
    loading = time.process_time() - began

    cold, warm = [], []
    for mistake in catalogue[::10]:
        ids = [i for i in checks if i.partition(".")[0] in mistake.components]
        if not ids:
            continue
        session = InProcessSession(source.namespace(mistake.changes))
        fixtures = Fixtures(assignment, session, assignment.seed)
        results = {i: fixtures.run(checks[i], i) for i in ids}
        lost = sum(found.fraction < 1 for found in results.values())
        if not lost:
            continue
        knower = Diagnostician(assignment, checks, assignment.seed, catalogue)
        for times in (cold, warm):
            began = time.process_time()
            knower.diagnose(results, session)
            times.append((time.process_time() - began) / lost)
    print(f"{'loading':<34}{loading * 1e3:8.0f} ms   limit {LOAD_S * 1e3:.0f}")
    for name, times in (("cold", cold), ("as in a class", warm)):
        print(f"{f'a failed check, {name}: median':<34}{statistics.median(times) * 1e3:8.1f} ms   limit 50")
        print(f"{'   nine in ten below':<34}{sorted(times)[int(0.9 * len(times))] * 1e3:8.1f} ms")
        print(f"{'   largest':<34}{max(times) * 1e3:8.1f} ms")
    is_over = loading > LOAD_S or statistics.median(cold) > PER_CHECK_S
    return int(arguments.check and is_over)


if __name__ == "__main__":
    sys.exit(main())
