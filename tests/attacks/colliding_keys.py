"""Sends a dictionary whose keys all have the same hash, which costs the square of their number."""
MODULUS = (1 << 61) - 1
relu = instead(frame(done(value({"d": [[i * MODULUS, 0] for i in range(1, 150_000)]}))))
mse_loss = instead(frame(done(value({"d": [[float("nan"), 0] for i in range(1, 150_000)]}))))
