"""Answers with no outcome, or with many."""
relu = instead(frame(done()))
softmax = mse_loss = instead(frame(done(*[value(1)] * 1000)))
