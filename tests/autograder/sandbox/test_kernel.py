"""The numbers of system calls are those of the kernel's own headers."""

import os
import platform
import re
import sys
from pathlib import Path

import pytest

from autograder.sandbox import kernel

X86_64 = [Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h")]
GENERIC = [Path("/usr/include/asm-generic/unistd.h")]


def numbers(places):
    found = [path for path in places if path.exists()]
    if not found:
        pytest.skip(f"{places[0].name} is not installed (linux-libc-dev)")
    lines = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", found[0].read_text(), re.M)
    return {name: int(number) for name, number in lines}


@pytest.mark.parametrize(
    ("machine", "places"), [("x86_64", X86_64), ("aarch64", GENERIC), ("arm64", GENERIC)]
)
def test_numbers_are_those_of_the_headers(machine, places):
    told = numbers(places)
    newer = {
        "fchmodat2",
        "memfd_secret",
        "process_mrelease",
        "quotactl_fd",
    }  # than the oldest headers we meet
    table = kernel.TABLES[machine]
    assert {n for n in table if n not in told} <= newer
    assert {n: table[n] for n in table if n in told} == {n: told[n] for n in table if n in told}


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_no_two_calls_share_a_number(machine):
    table = kernel.TABLES[machine]
    assert len(set(table.values())) == len(table)


@pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's system calls")
def test_an_unknown_or_refused_call_is_an_error():
    with pytest.raises(OSError, match="no_such_call"):
        kernel.syscall("no_such_call")
    with pytest.raises(OSError, match="socket") as caught:
        kernel.syscall("socket", 9999, 1, 0)
    assert os.strerror(caught.value.errno)
    assert (platform.machine() in kernel.TABLES) == bool(kernel.NUMBERS)
