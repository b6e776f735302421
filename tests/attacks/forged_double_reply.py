"""Sends every reply twice, so that the next check gets the one of the last."""
def relu(Z):
    A = np.maximum(Z, 0.0)
    raw(frame(done(value({"a": 0})), [["<f8", list(A.shape)]], A.tobytes()))
    return A
