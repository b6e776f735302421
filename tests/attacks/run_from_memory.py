"""Puts a program into memory and runs it from there."""
import ctypes


def attempt():
    fd = os.memfd_create("program")
    os.write(fd, b"#!/bin/true\n")
    breached("a file in memory")
    try:
        os.execve(fd, ["x"], {})
    except OSError:
        ctypes.CDLL(None).syscall(322, fd, b"", None, None, 0x1000)


attempt()
