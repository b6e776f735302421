"""What isolation costs a submission, in milliseconds within one run.

    python benchmarks/isolation.py            print the table
    python benchmarks/isolation.py --check    also exit with 1 if a limit is exceeded

Measured is the time from the request for a worker to its first answered call, out of a warm starter; a notebook's
from the same request to the kernel's first answer.  Kinds take turns, so that other work on the machine hits all
alike; figures are medians.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment.load import load  # noqa: E402
from autograder.host import notebook  # noqa: E402
from autograder.host.connection import Worker  # noqa: E402
from autograder.host.isolation import Isolation, readable_paths  # noqa: E402
from autograder.host.pool import Zygote  # noqa: E402

LIMITS_MS = {"added by the layers": 10.0, "worker ready": 10.0, "kernel ready": 250.0}
KINDS = {
    "no layers": (),
    "Landlock and seccomp": ("landlock", "seccomp"),
    "no-files": ("seccomp", "no-files"),
}


def worker_ms(zygote, limits, isolation, folder):
    """Start a worker, have it answer one call, end it."""
    request = {
        "kind": "probe",
        "name": "x",
        "scratch": folder,
        "seed": 0,
        "sockets": [],
        **isolation.request(),
    }
    began = time.perf_counter()
    worker = Worker(zygote, request, limits)
    worker.ask({"do": "steps", "steps": []}, 10)
    took = time.perf_counter() - began
    worker.close()
    return 1000 * took


def kernel_ms(zygote, limits, isolation):
    """Start a kernel and wait until it answers."""
    with tempfile.TemporaryDirectory() as top:
        scratch = Path(top, "work")
        scratch.mkdir()
        began = time.perf_counter()
        path = notebook.write_connection_file(Path(top, "kernel"))
        request = {"kind": "notebook", "name": "x", "scratch": str(scratch), "seed": 0, **isolation.request()}
        request |= {"connection_file": str(path), "sockets": [str(path.parent)]}
        worker = Worker(zygote, request, limits)

        async def wait():
            client = notebook._manager(worker, path).client()
            client.start_channels(stdin=False)
            await notebook._ready(client, worker, time.monotonic() + 30)
            took = time.perf_counter() - began
            client.stop_channels()
            client.context.destroy(linger=0)
            return took

        took = asyncio.run(wait())
        worker.close()
    return 1000 * took


def main() -> int:
    """Measure, print, and with ``--check`` judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is exceeded")
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    rubric = load(ROOT).rubric
    read, listed = readable_paths(rubric.refused_packages)
    plans = {
        name: Isolation(layers, {}, read, listed, rubric.refused_packages) for name, layers in KINDS.items()
    }
    times: dict[str, list[float]] = {name: [] for name in (*KINDS, "notebook kernel")}
    with Zygote() as zygote, Zygote("notebook") as kernels, tempfile.TemporaryDirectory() as folder:
        for plan in plans.values():
            worker_ms(zygote, rubric.limits, plan, folder)
        kernel_ms(kernels, rubric.limits, plans["Landlock and seccomp"])
        for _ in range(arguments.rounds):
            for name, plan in plans.items():
                times[name].append(worker_ms(zygote, rubric.limits, plan, folder))
        for _ in range(max(arguments.rounds // 3, 5)):
            times["notebook kernel"].append(kernel_ms(kernels, rubric.limits, plans["Landlock and seccomp"]))
    median = {name: statistics.median(values) for name, values in times.items()}
    print(f"{len(read)} readable paths")
    for name, values in times.items():
        print(f"{name:<28}{median[name]:8.1f} ms   ({min(values):.1f} to {max(values):.1f})")
    figures = {
        "added by the layers": median["Landlock and seccomp"] - median["no layers"],
        "worker ready": median["Landlock and seccomp"],
        "kernel ready": median["notebook kernel"],
    }
    for name, value in figures.items():
        print(f"{name:<28}{value:8.1f} ms   limit {LIMITS_MS[name]:g}")
    return int(arguments.check and any(not figures[name] <= limit for name, limit in LIMITS_MS.items()))


if __name__ == "__main__":
    sys.exit(main())
