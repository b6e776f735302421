"""Looks for the grader in /proc: command lines, environment, memory, open files."""
for pid in ("self", FACTS["grader"], FACTS["victim"]):
    for name in ("environ", "cmdline", "maps", "mem", "fdinfo/1", "root/etc/hostname", "cwd/README.md", "status"):
        try:
            open(f"/proc/{pid}/{name}", "rb").read(1 if name != "mem" else 0)
            breached(f"/proc/{pid}/{name}")
        except OSError:
            continue
