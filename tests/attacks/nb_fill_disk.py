"""Fills the disk from a cell: its own folder and the one of the kernel's sockets."""
import os, time

folder = os.path.dirname(get_ipython().kernel.config["IPKernelApp"].get("connection_file", "") or "kernel")
for place in (folder, os.path.join("..", "kernel"), "."):
    for number in range(40):
        try:
            with open(os.path.join(place, f"f{number}"), "wb") as file:
                file.write(bytes(1 << 20))
        except OSError:
            break
time.sleep(1.2)
breached("the disk was filled")
