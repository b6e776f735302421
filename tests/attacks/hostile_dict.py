"""Returns mappings whose items never end, or differ each time they are read."""


class Endless(dict):
    def items(self):
        while True:
            yield "key", 1


class Changing(dict):
    count = 0

    def items(self):
        Changing.count += 1
        return [("x", object())] if Changing.count % 2 else [("x", lambda: 0)]


class Raising(dict):
    count = 0

    def items(self):
        Raising.count += 1
        if Raising.count % 2 == 0:
            raise KeyboardInterrupt
        return [("x", 1)]


def relu(Z):
    return Endless()


def mse_loss(P, Y):
    return Changing()


def linear_forward(X, W, b):
    return Raising()
