"""Raises exceptions whose text, type or traceback raise in turn, or are huge."""
class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit

    def mro(cls):
        return (cls, ValueError, Exception, BaseException, object)


class Raising(Exception, metaclass=Meta):
    def __str__(self):
        raise KeyboardInterrupt


class Odd(SyntaxError):
    lineno = property(lambda self: object())
    msg = property(lambda self: 1 / 0)


def relu(Z):
    raise Raising


def softmax(Z):
    raise Odd("x")


def mse_loss(P, Y):
    raise Exception("x" * 100_000_000)


def linear_forward(X, W, b):
    raise ExceptionGroup("x", [ExceptionGroup("y", [ValueError(i) for i in range(1000)]) for _ in range(100)])
