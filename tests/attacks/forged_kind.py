"""Answers with messages that only the grader may send, or that do not exist."""
relu = instead(frame({"d": [["do", "steps"], ["steps", []]]}))
softmax = instead(frame({"d": [["ready", True]]}))
mse_loss = instead(frame(7))
linear_forward = instead(frame({"d": [["done", 7]]}))
