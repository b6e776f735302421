"""Returns sequences that never end, contain themselves, or claim another length."""


class Endless(list):
    def __iter__(self):
        while True:
            yield 0

    def __len__(self):
        return 2


def relu(Z):
    return Endless()


def mse_loss(P, Y):
    loop = []
    loop.append(loop)
    return loop


def softmax(Z):
    return tuple([tuple(Z)] * 100_000)
