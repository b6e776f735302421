"""``python -m autograder package``: what another system needs to grade a homework."""

from __future__ import annotations

import argparse
import json
import shlex
import uuid
from pathlib import Path

from autograder.assignment.load import load
from autograder.authoring.release import release
from autograder.errors import UsageError
from autograder.model.assignment import Assignment
from autograder.model.rubric import VISIBLE
from autograder.platforms import bundle, gradescope, otter, prairielearn
from autograder.reporting import to_json

LONGEST_S = {"gradescope": 2400, "prairielearn": 600}
"""The longest time that the system gives to one submission."""
LEAST_S = 180


def run(arguments: argparse.Namespace) -> int:
    """Write the package, and say what to do with it; return the exit status."""
    assignment, output = load(Path(arguments.assignment)), Path(arguments.output)
    if arguments.system in _FOLDERS:
        _FOLDERS[arguments.system](assignment, output)
        return 0
    longest = LONGEST_S[arguments.system]
    if not LEAST_S <= arguments.timeout <= longest:
        raise UsageError(
            f"--timeout {arguments.timeout}: {arguments.system} takes {LEAST_S} to {longest} seconds."
        )
    {"gradescope": _gradescope, "prairielearn": _prairielearn}[arguments.system](
        assignment, output, arguments
    )
    return 0


def _gradescope(assignment: Assignment, output: Path, arguments: argparse.Namespace) -> None:
    files = bundle.contents(assignment) | {"unfinished.json": gradescope.unfinished().encode()}
    files |= {name: _script("gradescope", name, arguments) for name in ("setup.sh", "run_autograder")}
    files["uv.txt"] = _file("gradescope/uv.txt")
    bundle.write(output, bundle.to_zip(files))
    print(f"wrote {output}: upload it on Gradescope under Configure Autograder.")


def _prairielearn(assignment: Assignment, output: Path, arguments: argparse.Namespace) -> None:
    name = f"{assignment.id}-grader"
    grader = bundle.contents(assignment) | {"unfinished.json": prairielearn.unfinished().encode()}
    grader["run.sh"] = _script("prairielearn", "run.sh", arguments)
    uploads = (f"{assignment.name}.py", f"{assignment.name}.ipynb", *assignment.files)
    question = _file("prairielearn/question.html").replace(b"@NAME@", assignment.name.encode())
    template = {path: found.read_bytes() for path, found in bundle.below(assignment.template)}
    folders = {
        f"serverFilesCourse/{name}": grader,
        f"questions/{assignment.id}": {
            "info.json": _info(assignment, name, arguments),
            "question.html": question.replace(b"@UPLOADS@", ", ".join(uploads).encode()),
            "clientFilesQuestion/homework.zip": bundle.to_zip(template),
        },
        f"images/{name}": {
            "Dockerfile": _file("prairielearn/Dockerfile"),
            "requirements.txt": grader["requirements.txt"],
        },
    }
    files = {
        f"{folder}/{path}": content for folder, held in folders.items() for path, content in held.items()
    }
    bundle.to_folder(files, output)
    print(f"wrote {output}: build images/{name}, and copy the other folders into your course.")


def _github(assignment: Assignment, output: Path) -> None:
    files = bundle.contents(assignment)
    files |= {name: _file(f"github/{name}") for name in ("action.yml", "install.sh", "grade.sh")}
    files |= {f"examples/{name}": _file(f"github/{name}") for name in ("grade.yml", "classroom.yml")}
    bundle.to_folder(files, output)
    print(
        f"wrote {output}: commit it as a private repository; examples/ has workflows for those of students."
    )


def _otter(assignment: Assignment, output: Path) -> None:
    left = release(assignment, output)
    for name, text in otter.test_files(assignment, left).items():
        to_json.write_text(text, output / "tests" / name, name)
    hidden = [check.id for check in assignment.rubric.checks if check.visibility != VISIBLE]
    print(f"wrote {output}: the students' folder, with tests for Otter.")
    if left or hidden:
        print(f"Not converted, since only the grader can decide it: {', '.join([*left, *hidden])}.")


_FOLDERS = {"github": _github, "otter": _otter}
"""Systems of which a package says nothing on time and isolation."""


def _info(assignment: Assignment, grader: str, arguments: argparse.Namespace) -> bytes:
    """The question's ``info.json``; the same assignment has the same id each time."""
    info = {
        "uuid": str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_URL, f"urn:{assignment.id}").bytes, version=4)),
        "title": assignment.title,
        "topic": "Homework",
        "type": "v3",
        "gradingMethod": "External",
        "singleVariant": True,
        "showCorrectAnswer": False,
        "externalGradingOptions": {
            "enabled": True,
            "image": arguments.image or grader,
            "serverFilesCourse": [f"{grader}/"],
            "entrypoint": f"/grade/serverFilesCourse/{grader}/run.sh",
            "timeout": arguments.timeout,
        },
    }
    return (json.dumps(info, indent=2) + "\n").encode()


def _script(system: str, name: str, arguments: argparse.Namespace) -> bytes:
    options = ["--isolation", arguments.isolation]
    options += [] if arguments.seed is None else ["--seed", str(arguments.seed)]
    return (
        _file(f"{system}/{name}")
        .replace(b"@TIMEOUT_S@", str(arguments.timeout).encode())
        .replace(b"@OPTIONS@", shlex.join(options).encode())
    )


def _file(name: str) -> bytes:
    return (bundle.FILES / name).read_bytes()
