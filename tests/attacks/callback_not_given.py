"""Asks for callbacks that no check gave it."""
relu = instead(frame({"d": [["asks", 0], ["args", []]]}))
softmax = instead(frame({"d": [["asks", -1], ["args", []]]}))
mse_loss = instead(frame({"d": [["asks", True], ["args", []]]}))
linear_forward = instead(frame({"d": [["asks", 1 << 52], ["args", [1]]]}))
