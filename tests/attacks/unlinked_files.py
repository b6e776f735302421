"""Fills the disk with open files that have no name any more."""
import time

kept = []


def relu(Z):
    for number in range(40):
        file = open(f"f{number}", "w+b")
        kept.append(file)
        os.unlink(f"f{number}")
        file.write(bytes(1 << 20))
        file.flush()
    time.sleep(0.6)
    breached("40 files without names")
