"""Overwrites, truncates, renames and removes files outside its folder."""
import ctypes, shutil

for change in (
    lambda: open(FACTS["bait"], "w"),
    lambda: open(FACTS["bait"], "a").write("x"),
    lambda: os.truncate(FACTS["bait"], 0),
    lambda: os.rename(FACTS["bait"], FACTS["bait"] + "2"),
    lambda: os.rename(FACTS["bait"], "bait"),
    lambda: os.unlink(FACTS["bait"]),
    lambda: shutil.rmtree(FACTS["folder"]),
    lambda: os.mkdir(FACTS["folder"] + "/new"),
):
    try:
        change()
        breached("changed")
    except OSError:
        continue
