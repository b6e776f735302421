"""Writes files that Python, pytest and NumPy run by themselves; opens those that are there for writing."""
CODE = "raise SystemExit(0)\n"
for folder in (".", FACTS["folder"], FACTS["project"], os.path.dirname(FACTS["reference"])):
    for name in ("conftest.py", "pytest.ini", "sitecustomize.py", "usercustomize.py", "numpy.py", "json.py", "x.pth"):
        try:
            with open(os.path.join(folder, name), "w") as file:
                file.write("[pytest]\naddopts = --co\n" if name.endswith("ini") else CODE)
            if folder != ".":
                breached(folder)
        except OSError:
            continue
for path in (np.__file__, os.__file__):
    try:
        open(path, "ab").close()  # nothing is written: that it opens is enough
        breached(path)
    except OSError:
        continue
