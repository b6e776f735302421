"""Answers with handles, callbacks and generators that nobody gave it."""
relu = instead(frame(done(value({"h": 0}))))
softmax = instead(frame(done(value({"c": 0}))))
mse_loss = instead(frame(done(value({"r": 1 << 63}))))
linear_forward = instead(frame(done(value({"h": -1}))))
