"""Ends in the middle of a frame."""
def relu(Z):
    raw(frame(done(value(1)))[:-3])
    os._exit(0)


softmax = instead(frame(done(value({"a": 0})), [["<f8", [1000]]], bytes(10), body_size=8000))
