"""Bodies and private parts leave a module; all else stays as it was."""

import pytest

from autograder.authoring.stubs import stub
from autograder.errors import GraderFault

REFERENCE = '''"""Docstring of the module."""

# %%
import math

LIMIT = 3
_SECRET = 17


def plain(x,
          y=")"):  # stays
    """1.1 Adds.

    More.
    """
    # how it is done

    def inner(): pass
    return x + y
    # and an afterthought


# Explains the private function.
def _private():
    return math.pi


@property
def decorated(x):
    """1.2 Has a decorator."""
    return x


class Both:
    """2.1 A class."""

    size = 4

    def __init__(self, *,
                 a=1):

        # why
        self.a = a

    # About the private one.
    @staticmethod
    def _hidden():
        pass

    async def own(self):
        """2.2 Has a number of its own."""
        return "#"

    def shared(self):
        """Has its class's number."""
        return 2

    def _last(self):
        return 3


class _Gone:
    pass


# The end.
'''

TEMPLATE = '''"""Docstring of the module."""

# %%
import math

LIMIT = 3


def plain(x,
          y=")"):  # stays
    """1.1 Adds.

    More.
    """
    raise NotImplementedError("1.1 plain")


@property
def decorated(x):
    """1.2 Has a decorator."""
    raise NotImplementedError("1.2 decorated")


class Both:
    """2.1 A class."""

    size = 4

    def __init__(self, *,
                 a=1):
        raise NotImplementedError("2.1 Both.__init__")

    async def own(self):
        """2.2 Has a number of its own."""
        raise NotImplementedError("2.2 Both.own")

    def shared(self):
        """Has its class's number."""
        raise NotImplementedError("2.1 Both.shared")


# The end.
'''


def test_a_stub_keeps_signatures_and_docstrings_and_nothing_else():
    assert stub(REFERENCE, "m.py") == TEMPLATE


def test_a_form_feed_does_not_shift_the_lines():
    assert stub('x = "\f"\n\n\ndef f():\n    """1.1 F."""\n    return 1\n', "m.py").endswith(
        '    """1.1 F."""\n    raise NotImplementedError("1.1 f")\n'
    )


@pytest.mark.parametrize("docstring", ["", '"""Adds."""', '"""1.1.x Adds."""'])
def test_a_definition_without_task_number_is_refused(docstring):
    with pytest.raises(GraderFault, match="docstring of f must begin with a task number"):
        stub(f"def f():\n    {docstring}\n    return 1\n", "m.py")


@pytest.mark.parametrize(
    "statement",
    ["if True:\n    def f(): return 1", "f = lambda x: x", "print(1)", "for i in (): pass", "TABLE[0] += 1"],
)
def test_a_statement_that_may_hold_a_solution_is_refused(statement):
    with pytest.raises(GraderFault, match="line 2: this statement would be handed to students"):
        stub(f"x = 1\n{statement}\n", "m.py")


@pytest.mark.parametrize("body", [' """1.1 F."""; return 1', '\n    """1.1 F."""; return 1'])
def test_a_body_that_shares_a_line_is_refused(body):
    with pytest.raises(GraderFault, match="body of f must begin on a line of its own"):
        stub(f"def f():{body}\n", "m.py")
