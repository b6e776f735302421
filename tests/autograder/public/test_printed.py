"""What is printed is held back, its beginning kept."""

import sys

import pytest

from autograder.public.printed import Printed, held_back


@pytest.mark.parametrize(
    ("texts", "count", "first"),
    [
        ([], 0, []),
        ([""], 0, []),
        (["a"], 1, ["a"]),
        (["a\n"], 1, ["a"]),
        (["a", "b\n", "\n", "c"], 3, ["ab", "", "c"]),
        (["1\n2\n3\n4\n5"], 5, ["1", "2", "3"]),
        (["\x1b[31mred\tcell\r\n"], 1, [" [31mred cell"]),
        (["x" * 100_000, "\ny\n"], 2, ["x" * 100]),
    ],
)
def test_the_first_lines_are_kept_and_all_are_counted(texts, count, first):
    printed = Printed()
    for text in texts:
        assert printed.write(text) == len(text)
    assert (printed.count, printed.first[: len(first)]) == (count, first)


def test_the_memory_that_it_takes_does_not_grow():
    printed = Printed()
    for _ in range(1000):
        print("x" * 1000, file=printed, flush=True)
    assert len(printed._text) < 2000
    assert printed.count == 1000


def test_printing_goes_on_as_before_afterwards(capsys):
    before = sys.stdout
    with pytest.raises(KeyboardInterrupt), held_back() as printed:  # noqa: PT012
        print("inside")
        raise KeyboardInterrupt
    assert sys.stdout is before
    assert printed.first == ["inside"]
    assert capsys.readouterr().out == ""
