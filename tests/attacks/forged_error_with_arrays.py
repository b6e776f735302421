"""Describes an exception with arrays where texts are due."""
fields = [["type", {"a": 0}], ["bases", [{"a": 0}, {"a": 1}]], ["message", {"a": 0}], ["line", {"a": 0}]]
relu = instead(frame(done({"d": [["error", {"d": fields}]]}), [["<f8", [2]], ["<f8", [3]]], bytes(40)))
fields = [["type", "X"], ["bases", [{"a": 0}]], ["message", "m"]]
mse_loss = instead(frame(done({"d": [["error", {"d": fields}]]}), [["<f8", [2]]], bytes(16)))
