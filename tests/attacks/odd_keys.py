"""Sends dictionaries with doubled, endless and infinite keys, and headers with doubled fields."""
relu = instead(frame({"d": [["done", [value(1)]], ["done", [value(2)]], [float("nan"), 1]]}))
softmax = instead(frame(b'{"v": 1, "a": [], "v": {"d": [["done", []]]}, "a": []}'))
mse_loss = instead(frame(done(value({"d": [[10**4000, 1], [1e400, 2], [None, 3]]}))))
linear_forward = instead(frame(b'{"a": [], "v": ' + b"9" * 1_000_000 + b"}"))
