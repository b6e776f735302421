"""Announces a header or body of gigabytes, and sends as much as is taken."""
relu = instead(frame(b"{", header_size=(1 << 32) - 1))
softmax = instead(frame(done(value(1)), body_size=(1 << 64) - 1))
def mse_loss(P, Y):
    raw(frame(b" ", header_size=8 << 20))
    while True:
        raw(bytes(1 << 20))
