"""Runs programs: exec, subprocess, system, popen, a terminal."""
import ctypes, pty, subprocess

for what, way in {
    "subprocess": lambda: subprocess.run(["/bin/true"], check=True),
    "popen": lambda: os.popen("echo yes").read() or 1 / 0,
    "pty": lambda: pty.spawn(["/bin/true"]),
    "system": lambda: 1 / (os.system("true") == 0),
    "no program": lambda: os.execv("/no/such/program", ["x"]),
}.items():
    try:
        way()
        breached(what)
    except FileNotFoundError:
        breached(f"{what}: it may, there is only no such program")
    except (OSError, ZeroDivisionError):
        continue
