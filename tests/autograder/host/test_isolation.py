"""What shuts workers in is chosen by what the system offers, and promised only as far as it was measured."""

import sys

import pytest

from autograder.errors import MachineFault
from autograder.host import isolation, trial
from autograder.host.pool import Zygote
from autograder.sandbox.probe import PROPERTIES

OPEN, CLOSED = dict.fromkeys(PROPERTIES, False), dict.fromkeys(PROPERTIES, True)
MOSTLY = CLOSED | {"memory": False}
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")


@pytest.fixture
def choose(monkeypatch, limits):
    """``choose(platform, measured, runs)``: what is established, and which plans were measured for it."""

    def run(platform, measured, runs=True, mode="auto"):
        tried = []

        def measure(zygote, limits, plan):
            tried.append(plan.layers)
            return measured.get(plan.layers)

        monkeypatch.setattr(isolation.sys, "platform", platform)
        monkeypatch.setattr(isolation, "_measure", measure)
        monkeypatch.setattr(trial, "runs", lambda *args: runs)
        return isolation.establish(None, limits(), mode, []), tried

    return run


def test_macos_uses_its_own_sandbox_and_says_what_was_measured(choose):
    found, tried = choose("darwin", {("seatbelt",): MOSTLY, (): OPEN})
    assert tried == [("seatbelt",)]
    assert found.layers == ("seatbelt",) and found.request()["layers"] == ["seatbelt"]
    assert found.level == isolation.LIMITED and found.missing() == [PROPERTIES["memory"]]


@pytest.mark.parametrize(
    ("measured", "runs"),
    [({(): OPEN}, True), ({("seatbelt",): CLOSED, (): OPEN}, False)],
    ids=["cannot be entered", "nothing runs in it"],
)
def test_where_it_does_not_work_grading_goes_on_and_the_level_is_said(choose, measured, runs):
    found, tried = choose("darwin", measured, runs)
    assert tried == [("seatbelt",), ()]
    assert found.layers == () and found.level == isolation.PROCESS_ONLY
    assert found.missing() == list(PROPERTIES.values())


def test_required_isolation_is_refused_where_it_was_not_measured(choose):
    with pytest.raises(MachineFault, match="files cannot be closed off"):
        choose("darwin", {(): OPEN}, mode="require")
    assert choose("darwin", {("seatbelt",): MOSTLY}, mode="require")[0].layers == ("seatbelt",)


def test_what_only_the_system_limits_badly_is_named_as_missing(choose):
    found, _ = choose("darwin", {("seatbelt",): MOSTLY})
    assert found.remedy() == "memory and files cannot be limited here; that needs Linux"


@pytest.mark.parametrize("platform", ["linux", "darwin", "freebsd14"])
def test_limits_only_when_asked_for_or_when_nothing_is_known(choose, platform):
    assert choose(platform, {(): OPEN}, mode="process")[1] == [()]
    assert choose("freebsd14", {(): OPEN})[1] == [()]


def test_linux_takes_the_strongest_that_can_be_entered(choose):
    both, no_files = ("landlock", "seccomp"), ("seccomp", "no-files")
    assert choose("linux", {both: CLOSED})[1] == [both]
    found, tried = choose("linux", {no_files: CLOSED, (): OPEN}, runs=False)
    assert tried == [both, no_files] and found.layers == no_files, "these need no trial"


@linux_only
@pytest.mark.parametrize("kind", ["", "notebook"])
def test_the_trial_tells_layers_in_which_a_submission_runs_from_others(limits, kind):
    with Zygote(kind) as zygote:
        read, listed = isolation.readable_paths([])
        layers = isolation.Isolation(("landlock", "seccomp"), {}, read, listed)
        assert trial.runs(zygote, limits(), layers.request())
        assert not trial.runs(zygote, limits(), isolation.Isolation(("landlock", "seccomp")).request())
        assert not trial.runs(zygote, limits(), isolation.Isolation(("seatbelt",)).request())


@linux_only
@pytest.mark.parametrize("kind", ["", "notebook"])
def test_a_system_that_only_says_it_is_macos_is_graded_on_with_limits(monkeypatch, limits, kind):
    """The whole way, with a process for each worker: the sandbox is not there, which the worker says when it enters."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with Zygote(kind) as zygote:
        found = isolation.establish(zygote, limits(), "auto", [])
        assert found.layers == () and found.level == isolation.PROCESS_ONLY
        assert trial.runs(zygote, limits(), found.request())
