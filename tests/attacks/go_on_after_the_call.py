"""Leaves threads that go on when the call has returned: printing, writing, computing."""
import threading


def busy():
    while True:
        print("still here")
        with open("file", "a") as file:
            file.write("x" * 1000)


def relu(Z):
    for _ in range(5):
        threading.Thread(target=busy).start()
    return np.maximum(Z, 0.0)
