"""Sends a frame byte by byte, each just in time."""
def relu(Z):
    for byte in frame(done(value("x" * 100_000))):
        raw(bytes([byte]))
        time.sleep(0.05)
