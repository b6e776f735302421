"""Gives the function it is given the largest arguments that a frame holds."""
def numerical_gradient(f, x, h=1e-5):
    for shape in ((1 << 22,), (1 << 22, 1), (1, 1 << 22), (2000, 2000)):
        try:
            f(np.full(shape, 1e308))
        except Exception:
            continue
    return x
