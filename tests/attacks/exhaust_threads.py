"""Starts threads until there are no more."""
import threading, time

threading.stack_size(64 << 10)
started = 0


def relu(Z):
    global started
    try:
        while started < 3000:
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            started += 1
    except RuntimeError:
        return np.maximum(Z, 0.0)
    breached(f"{started} threads")
