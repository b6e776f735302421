"""Sends a million small values, as lists and as dictionaries."""
relu = instead(frame(done(value([0] * 1_000_000))))
softmax = instead(frame(done(value({"d": [[i, 0] for i in range(500_000)]}))))
mse_loss = instead(frame(b'{"a":[],"v":[' + b"{}," * 2_000_000 + b"0]}"))
