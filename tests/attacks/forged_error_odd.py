"""Describes exceptions as numbers, texts, handles, and with endless texts and huge numbers."""
relu = instead(frame(done({"d": [["error", 7]]})))
softmax = instead(frame(done({"d": [["error", {"h": 3}]]})))
fields = [["type", "\n::error::x" * 9000], ["bases", ["NotImplementedError"] * 9], ["message", "\x1b[2J" * 20_000]]
mse_loss = instead(frame(done({"d": [["error", {"d": [*fields, ["line", 10**1200], ["code", "x"]]}]]})))
linear_forward = instead(frame(done({"d": [["error", {"d": [["bases", None], ["type", None]]}]]})))
