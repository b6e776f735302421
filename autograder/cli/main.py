"""Parses the command line and turns every failure into one sentence and an exit status."""

from __future__ import annotations

import argparse
import io
import os
import sys

from autograder.cli import homework
from autograder.errors import AutograderError, ExitCode, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:  # the help must not wait for imports
    from collections.abc import Callable
    from typing import NoReturn

HOMEWORK = homework.default()

_GRADE_EXAMPLES = """examples:
  python grade.py submissions/ada            grade a folder, table on the terminal, results/ada/report.json
  python grade.py homework.ipynb             a notebook, a module or a .zip of one
  python grade.py submissions/ada --html     also feedback.html for the student, instructor.html for you
  python grade.py . --only FUNCTION          one function while you work on it
  python grade.py . --only part2 --seed 7    one part, with other random inputs
  python grade.py . --assignment FOLDER      of another homework than the one here
  python grade.py submissions/               a class: every student, gradebook.csv, class.html
  python grade.py diff results/old results/new      whose score moved, and why
  python grade.py similar submissions/       whose code is alike

exit status: 0 graded, 1 below --min-score, 2 bad usage or unreadable submission,
             3 the grader's own fault, 4 the machine's"""


def grade_main(argv: list[str], prog: str = "grade.py") -> int:
    """``python grade.py``: grade one submission.

    Returns
    -------
    int
        The exit status.
    """
    parser = _grade_parser(prog)

    def run() -> int:
        if argv[:1] == ["diff"] and not os.path.exists("diff"):
            return _diff(argv[1:])
        if argv[:1] == ["similar"] and not os.path.exists("similar"):
            return _similar(argv[1:])
        arguments = parser.parse_args(argv)
        is_class = _is_class(arguments)
        _refuse_others(arguments, parser, is_class)
        if is_class:
            from autograder.cli import course

            return course.run(arguments)
        from autograder.cli import grade

        return grade.run(arguments)

    return _guarded(run)


def grade_command() -> int:
    """``grade``, as it is installed."""
    return grade_main(sys.argv[1:], "grade")


def _grade_parser(prog: str = "grade.py") -> _Parser:
    parser = _Parser(
        prog=prog,
        description="Grade a submission: run it in a worker process, check it, write a report.",
        epilog=_GRADE_EXAMPLES if prog == "grade.py" else _GRADE_EXAMPLES.replace("python grade.py", prog),
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.add_argument(
        "submission", help="folder, .py, .ipynb or .zip of one; or a folder or .zip of a class"
    )
    parser.add_argument(
        "--output", metavar="DIR", help="where report.json goes (default results/<submission>)"
    )
    parser.add_argument(
        "--only",
        "--only-checks",
        action="append",
        metavar="WHAT",
        help="a part, a function or a check; may be repeated",
    )
    parser.add_argument("--entry", metavar="FILE", help="the file that counts, where several could")
    parser.add_argument("--min-score", type=_finite, metavar="X", help="exit with 1 if the score is below X")
    parser.add_argument("--seed", type=_seed, help="of the random inputs (default: the assignment's)")
    _add_assignment(parser)
    parser.add_argument(
        "--isolation",
        choices=("auto", "require", "process"),
        default="auto",
        help="auto: the best there is; require: refuse to grade unless files, network and processes are closed "
        "off; process: limits only",
    )
    parser.add_argument(
        "--html",
        action="store_true",
        help="also write feedback.html for the student and instructor.html beside the report; a class always has them",
    )
    parser.add_argument("--quiet", action="store_true", help="print the score only")
    parser.add_argument(
        "--json", action="store_true", help="print the report (of a class: class.json) instead of the table"
    )

    group = parser.add_argument_group("a class")
    either = group.add_mutually_exclusive_group()
    either.add_argument("--class", action="store_true", dest="is_class", help="the path is a class")
    either.add_argument("--single", action="store_true", help="the path is one submission")
    group.add_argument(
        "--jobs", type=_count, metavar="N", help="submissions at the same time (default: all cores)"
    )
    group.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="grade on a Dask cluster: tcp://host:8786, the scheduler's .json file, or local:4 to start four workers "
        "here; --jobs is then the most at the same time (default: all of its threads)",
    )
    group.add_argument(
        "--attempts",
        choices=("latest", "best", "all"),
        default="latest",
        help="which of a student's attempts count",
    )
    group.add_argument(
        "--system", default="", metavar="NAME", help="where the download comes from, if it is not recognised"
    )
    group.add_argument("--roster", metavar="CSV", help="names and ids; shows who handed in nothing")
    group.add_argument(
        "--students",
        nargs="+",
        action="extend",
        metavar="ID",
        help="grade these only; the others keep what they have",
    )
    group.add_argument("--force", action="store_true", help="grade also what has a report that holds")
    return parser


def _add_assignment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--assignment",
        default=HOMEWORK,
        metavar="FOLDER",
        help="of the homework, in which its assignment.toml is (default: the project's own)",
    )


def _completion(shell: str) -> int:
    """Print what a shell has to run to complete the options of ``grade.py``."""
    import shtab

    print(shtab.complete(_grade_parser(), shell, root_prefix="autograder"))
    return 0


def _is_class(arguments: argparse.Namespace) -> bool:
    """Whether the path is a class; where it could be either, the command line has to say it."""
    if arguments.is_class or arguments.single:
        return bool(arguments.is_class)
    if not os.path.isdir(arguments.submission) and not arguments.submission.lower().endswith(".zip"):
        return False
    from pathlib import Path

    from autograder.assignment.load import load
    from autograder.course.find import is_class

    told = is_class(Path(arguments.submission), load(Path(arguments.assignment)))
    if told is None:
        raise UsageError(
            f"{arguments.submission} could be one submission or a class: say --single or --class."
        )
    return told


def _refuse_others(arguments: argparse.Namespace, parser: argparse.ArgumentParser, is_class: bool) -> None:
    """Refuse options that would be of no effect: whoever gives them believes that they are."""
    names, what, other = (
        (("entry", "min_score"), "a class", "--single")
        if is_class
        else (("attempts", "roster", "students", "scheduler", "system"), "one submission", "--class")
    )
    for name in names:
        if getattr(arguments, name) != parser.get_default(name):
            raise UsageError(
                f"--{name.replace('_', '-')} is not for {what}, which {arguments.submission} is taken for; "
                f"{other} says that it is not."
            )


def _diff(argv: list[str]) -> int:
    parser = _Parser(
        prog="grade.py diff", description="Whose score moves between two runs, by how much and why."
    )
    parser.add_argument("old", metavar="OLD", help="a run's folder, or a report")
    parser.add_argument("new", metavar="NEW")
    parser.add_argument("--json", action="store_true", help="print what moved as JSON")
    arguments = parser.parse_args(argv)
    from autograder.cli import diff

    return diff.run(arguments)


def _similar(argv: list[str]) -> int:
    parser = _Parser(
        prog="grade.py similar",
        description="Pairs of submissions whose code is alike: a reason to look, no proof.",
    )
    parser.add_argument("submissions", metavar="SUBMISSIONS", help="folder or .zip of a class")
    parser.add_argument("--json", metavar="OUT", help="write the pairs to this file")
    _add_assignment(parser)
    arguments = parser.parse_args(argv)
    from autograder.cli import similar

    return similar.run(arguments)


def main(argv: list[str]) -> int:
    """``python -m autograder``: the commands for whoever writes or runs a homework."""
    parser = _Parser(prog="python -m autograder", description="Commands beside grade.py.", allow_abbrev=False)
    _add_assignment(parser)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    template = commands.add_parser("template", help="make the student template from the reference")
    template.add_argument(
        "--check", action="store_true", help="change nothing; fail if the template is stale"
    )
    notebook = commands.add_parser("notebook", help="write the solved notebook")
    notebook.add_argument("output", metavar="OUT.ipynb")

    students = commands.add_parser("release", help="make the folder that students get, with checks to run")
    students.add_argument("output", metavar="OUT", help="a new folder")

    begun = commands.add_parser("new", help="make a homework of one function to start from")
    begun.add_argument("folder", metavar="FOLDER", help="a new folder; the homework is named after it")

    completion = commands.add_parser("completion", help="print shell completion for grade.py")
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))

    commands.add_parser("doctor", help="say what shuts submissions in on this machine, as measured")

    proof = commands.add_parser(
        "prove", help="grade every wrong variant and every correct style, and show what they lose"
    )
    proof.add_argument("--only", action="append", metavar="ID", help="variants whose id begins so")
    proof.add_argument(
        "--jobs", type=int, metavar="N", help="processes at the same time (default: all cores)"
    )
    proof.add_argument("--json", metavar="OUT", help="write the matrix to this file")

    measure = commands.add_parser(
        "calibrate", help="measure tolerances and thresholds against correct and wrong work over many seeds"
    )
    measure.add_argument(
        "--seeds", type=_count, default=20, metavar="N", help="of each check (default: %(default)s)"
    )
    measure.add_argument(
        "--training-seeds",
        type=_count,
        default=400,
        metavar="N",
        help="of what depends on chance (default: %(default)s)",
    )
    measure.add_argument("--checks", nargs="+", default=[], metavar="ID", help="these checks only")
    measure.add_argument("--json", metavar="OUT", help="write all figures to this file")
    measure.add_argument(
        "--jobs", type=_count, metavar="N", help="processes at the same time (default: all cores)"
    )

    package = commands.add_parser("package", help="make what another system needs to grade the homework")
    package.add_argument("system", choices=("github", "gradescope", "otter", "prairielearn"))
    package.add_argument("output", metavar="OUT", help="gradescope: a .zip to upload; others: a new folder")
    package.add_argument(
        "--timeout",
        type=_count,
        default=600,
        metavar="SECONDS",
        help="that the system gives to one submission, to be set there alike (default: %(default)s)",
    )
    package.add_argument(
        "--isolation",
        choices=("auto", "require"),
        default="auto",
        help="require: refuse to grade where files, network and processes cannot be closed off",
    )
    package.add_argument("--seed", type=_seed, help="of the random inputs (default: the assignment's)")
    package.add_argument(
        "--image", default="", metavar="NAME", help="prairielearn: the Docker image, as it will be called"
    )

    hosted = commands.add_parser("run", help="grade one submission where SYSTEM has put it: for packages")
    hosted.add_argument("system", choices=("gradescope", "prairielearn"))
    hosted.add_argument("folder", metavar="FOLDER", help="of the system: /autograder or /grade")
    hosted.add_argument(
        "--timeout", type=_count, default=600, metavar="SECONDS", help="that the system gives"
    )
    hosted.add_argument("--isolation", choices=("auto", "require", "process"), default="auto")
    hosted.add_argument("--seed", type=_seed)

    exported = commands.add_parser("export", help="write a report in the form of another system")
    exported.add_argument(
        "format", choices=("classroom", "github", "gradescope", "junit", "nbgrader", "prairielearn")
    )
    exported.add_argument("report", metavar="REPORT", help="report.json; for nbgrader a class run's folder")
    exported.add_argument(
        "output", metavar="OUT", help="a file; for github a folder, for nbgrader the course's folder"
    )
    exported.add_argument(
        "--submission",
        metavar="PATH",
        help="what the report is of, for marks at its lines (classroom, github)",
    )
    exported.add_argument(
        "--repository", default=".", metavar="DIR", help="the folder that paths are relative to"
    )

    def run() -> int:
        arguments = parser.parse_args(argv)
        from autograder.cli import doctor, template

        if arguments.command == "prove":
            from autograder.cli import prove

            return prove.run(arguments)
        if arguments.command == "calibrate":
            from autograder.cli import calibrate

            return calibrate.run(arguments)
        if arguments.command == "completion":
            return _completion(arguments.shell)
        if arguments.command == "new":
            from autograder.cli import new

            return new.run(arguments)
        if arguments.command == "export":
            from autograder.cli import export

            return export.run(arguments)
        if arguments.command == "package":
            from autograder.cli import package

            return package.run(arguments)
        if arguments.command == "run":
            from autograder.cli import run as hosted_run

            return hosted_run.run(arguments)
        if arguments.command == "release":
            from autograder.cli import release

            return release.run(arguments)
        runs = {"template": template.run_template, "notebook": template.run_notebook, "doctor": doctor.run}
        return runs[arguments.command](arguments)

    return _guarded(run)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; {self.prog} --help tells more.")


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 0 on")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 on")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:  # nan and infinity
        raise argparse.ArgumentTypeError(f"'{text}' is no number of points")
    return number


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help of a fixed width: asking the terminal would import more than the rest of the help needs."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100)


def _guarded(run: Callable[[], int]) -> int:
    # Before NumPy is imported: one thread, so that results and times are the same anywhere.
    for stream in (sys.stdout, sys.stderr):  # a terminal that cannot show a name must not end the grading
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    for library in ("OPENBLAS", "OMP", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    try:
        return int(run())
    except AutograderError as error:
        print(f"error: {_one_line(error)}", file=sys.stderr)
        return int(error.exit_code)
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] == "autograder":
            raise
        print(
            f"error: the package '{error.name}' is not installed; "
            f"run: {sys.executable} -m pip install -r requirements.txt",
            file=sys.stderr,
        )
        return int(ExitCode.USAGE)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except Exception as error:
        where = _innermost(error)
        said = f"{type(error).__name__}: {_one_line(error)}"
        print(f"error: the grader itself failed, {said} ({where}).", file=sys.stderr)
        return int(ExitCode.GRADER)


def _one_line(error: BaseException) -> str:
    """What an error says, without what would move the cursor of a terminal."""
    return "".join(c if c.isprintable() else " " for c in str(error))


def _innermost(error: BaseException) -> str:
    """File and line that raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno}" if trace else "unknown place"
