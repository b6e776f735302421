"""Writes files that Python, pytest and NumPy run by themselves."""
import sys

CODE = "raise SystemExit(0)\n"
for folder in [".", FACTS["project"], os.path.dirname(FACTS["reference"]), *sys.path, os.path.dirname(os.__file__)]:
    for name in ("conftest.py", "pytest.ini", "sitecustomize.py", "usercustomize.py", "numpy.py", "json.py", "x.pth"):
        try:
            with open(os.path.join(folder, FACTS["token"] + name if folder != "." else name), "w") as file:
                file.write("[pytest]\naddopts = --co\n" if name.endswith("ini") else CODE)
            if os.path.realpath(folder) != os.getcwd():
                breached(folder)
        except OSError:
            continue
