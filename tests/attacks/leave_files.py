"""Leaves files in the folders that everybody may write to."""
for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", os.path.expanduser("~root"), "/etc/cron.d", "/var/spool/cron"):
    try:
        with open(os.path.join(folder, FACTS["token"]), "w") as file:
            file.write("left")
        breached(folder)
    except OSError:
        continue
