"""Calls the function it is given without end, and with arguments that fit nothing."""
def numerical_gradient(f, x, h=1e-5):
    for odd in (None, "x", [], {}, [[[]]], np.zeros((0, 3)), np.zeros(1 << 20, complex), 10**1000, relu, f):
        try:
            f(odd)
        except Exception:
            continue
    try:
        f()
        f(x, x, x, x)
    except Exception:
        pass
    while True:
        f(x)
