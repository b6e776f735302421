"""Leaves files in the folders that everybody may write to (here without a name, so that none stays)."""
for folder in ("/tmp", "/var/tmp", "/dev/shm", FACTS["folder"]):
    try:
        os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600))
        breached(folder)
    except OSError:
        continue
