"""Names one array several times, none at all, and one that is not there."""
relu = instead(frame(done(value([{"a": 0}] * 1000)), [["<f8", [1 << 20]]], bytes(8 << 20)))
softmax = instead(frame(done(value(1)), [["<f8", [1]]], bytes(8)))
mse_loss = instead(frame(done(value({"a": 1})), [["<f8", [1]]], bytes(8)))
linear_forward = instead(frame(done(value({"a": -1})), [["<f8", [1]]], bytes(8)))
