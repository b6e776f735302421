"""Returns objects whose pickling, copying and formatting run code."""


class Bomb:
    def __reduce__(self):
        return os.system, (f"touch {FACTS['folder']}/reduced",)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    __copy__ = lambda self: self.__reduce__()
    __deepcopy__ = lambda self, memo: self.__reduce__()

    def __format__(self, spec):
        raise SystemExit

    __repr__ = __str__ = lambda self: "passed\n" * 1000


def mse_loss(P, Y):
    return Bomb()


def relu(Z):
    return np.array([Bomb(), Bomb()], dtype=object)
