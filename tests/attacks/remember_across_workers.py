"""Writes a note, ends the process, and looks for the note in the next one."""
if os.path.exists("note"):
    breached("a note from an earlier process")
open("note", "w").close()
os.makedirs(".ipython/profile_default/startup", exist_ok=True)


def relu(Z):
    os._exit(0)
