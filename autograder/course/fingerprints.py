"""Code as a sequence of numbers that renaming, reformatting and other comments leave as they are.

Every name that the handout does not define becomes one and the same word, so does every number and every text;
comments, docstrings, imports, headers of functions, parentheses, commas and line breaks are dropped.  Each run of
`WORDS` words inside one function is a fingerprint, so the order of functions does not matter either.

Python's own tokenizer reads the text.  It need not parse: what the tokenizer refuses costs its line.
"""

from __future__ import annotations

import keyword
import tokenize
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

WORDS = 10
"""Words in a fingerprint: one or two lines."""
LEAST_WORDS = 5
"""A function that is shorter than a fingerprint is one as a whole, from so many words on."""
MOST_WORDS = 30_000
"""Of one source; a long homework has a sixth, generated code has more."""
MOST_CHARACTERS = 1_000_000

_MOST_RESTARTS = 200
_UNSEEN = {"COMMENT", "NL", "INDENT", "DEDENT", "ENDMARKER", "ERRORTOKEN"}
_DROPPED = "(),"
_FACTORS = np.array([pow(0x9E3779B97F4A7C15, i, 1 << 64) for i in range(WORDS)], dtype=np.uint64)


@dataclass(frozen=True)
class Fingerprints:
    """The fingerprints of a source in the order of its text; all arrays have one entry for each."""

    values: NDArray[np.uint64]
    text: NDArray[np.int64]
    """Which of the source's texts."""
    first: NDArray[np.int64]
    """Line of the first word, from 1."""
    last: NDArray[np.int64]
    is_cut: bool = False
    """The source is longer than what was read of it."""

    def without(self, values: NDArray[np.uint64]) -> Fingerprints:
        """Those whose values are not among some others."""
        kept = ~np.isin(self.values, values)
        return Fingerprints(
            self.values[kept], self.text[kept], self.first[kept], self.last[kept], self.is_cut
        )


def fingerprints(texts: Sequence[str], names: frozenset[str] = frozenset()) -> Fingerprints:
    """Fingerprints of a source.

    Parameters
    ----------
    texts : sequence of str
        Modules, or cells of a notebook, which need not parse.
    names : frozenset of str
        What the handout defines (`defined`): these names stay as they are.
    """
    rows = list(islice(_rows(texts, names), MOST_WORDS + 1))
    is_cut = len(rows) > MOST_WORDS or sum(map(len, texts)) > MOST_CHARACTERS
    table = np.array(rows[:MOST_WORDS], np.int64).reshape(-1, 4)
    table = np.concatenate([table, np.zeros((WORDS, 4), np.int64)])  # so that also nothing has a window
    word, chunk, text, line = table.T
    is_inside = (chunk[: 1 - WORDS] == chunk[WORDS - 1 :]) & (chunk[: 1 - WORDS] > 0)
    values = sliding_window_view(word.astype(np.uint64), WORDS) @ _FACTORS  # modulo 2**64
    return Fingerprints(
        values[is_inside],
        text[: 1 - WORDS][is_inside],
        line[: 1 - WORDS][is_inside],
        line[WORDS - 1 :][is_inside],
        is_cut,
    )


def _rows(texts: Iterable[str], names: frozenset[str]) -> Iterator[tuple[int, int, int, int]]:
    """Hash, number of the function from 1, of the text and of the line, for each word."""
    chunk, room = 0, MOST_CHARACTERS
    for number, text in enumerate(texts):
        counted = islice(normalise(text[:room], names), MOST_WORDS + 1)
        for _, group in groupby(counted, key=lambda word: word[0]):
            words = [(word, line) for _, word, line in group]
            if len(words) >= LEAST_WORDS:
                chunk += 1
                words += [("", words[-1][1])] * (WORDS - len(words))
                for word, line in words:
                    yield zlib.crc32(word.encode()), chunk, number, line
        room = max(0, room - len(text))


def normalise(text: str, names: frozenset[str] = frozenset()) -> Iterator[tuple[int, str, int]]:
    """The words that count.

    Yields
    ------
    (int, str, int)
        Number of the function, or of the code between functions; word; line.
    """
    chunk, header, nested = 0, -1, 0
    is_start, is_import, is_function, previous = True, False, False, ""
    for kind, string, line, is_at_margin in _tokens(text):
        is_string = kind == "STRING" or kind.endswith("STRING_START")
        if kind.endswith(("STRING_START", "STRING_END")):  # of f-strings, from Python 3.12 on
            nested += 1 if is_string else -1
        if kind == "NEWLINE" or (string == ";" and not nested):
            header, nested, is_start, is_import = -1, 0, True, False
        elif nested > is_string or kind.endswith("STRING_END"):
            pass
        elif kind == "NAME" and string in ("def", "class"):
            chunk, header, is_function, previous = chunk + 1, 0, True, ""
        elif header >= 0:  # names and annotations; behind its colon a statement begins
            header += (string in "([{") - (string in ")]}")
            if string == ":" and header == 0:
                header, is_start = -1, True
        elif not is_import:
            begins, is_start = is_start, False
            if begins and is_at_margin and is_function:
                chunk, is_function, previous = chunk + 1, False, ""
            is_import = begins and string in ("import", "from")
            word = "text" if is_string else _word(kind, string, names)
            is_docstring, goes_on = begins and is_string, is_string and previous == "text"
            if word and not (is_import or is_docstring or goes_on):
                previous = word
                yield chunk, word, line


def defined(text: str) -> frozenset[str]:
    """Names of the functions and classes at the left margin."""
    tokens = list(_tokens(text))
    return frozenset(
        after[1]
        for token, after in pairwise(tokens)
        if token[3] and token[0] == "NAME" and token[1] in ("def", "class")
    )


def _word(kind: str, string: str, names: frozenset[str]) -> str:
    if kind == "NAME":
        return string if keyword.iskeyword(string) or string in names else "name"
    if kind == "NUMBER":
        return "0"
    return string if kind == "OP" and string not in _DROPPED else ""


def _tokens(text: str) -> Iterator[tuple[str, str, int, bool]]:
    """Kind, string and line of each token, and whether it stands at the left margin."""
    for old, new in (("\r\n", "\n"), ("\r", "\n"), ("\0", " "), ("\f", " ")):
        text = text.replace(old, new)
    written = text.encode("utf-8", "replace").decode("utf-8").split("\n")  # without half surrogates
    # Without indentation there is none that is wrong.
    lines = [line.lstrip() + "\n" for line in written]
    at, seen = 0, 0
    for _ in range(_MOST_RESTARTS):
        reached = at
        try:
            for token in tokenize.generate_tokens(iter(lines[at:]).__next__):
                line, reached = at + token.start[0], at + token.end[0] - 1
                kind = tokenize.tok_name[token.type]
                if kind not in _UNSEEN:
                    yield kind, token.string, line, line != seen and not written[line - 1][:1].isspace()
                    seen = line
            return
        except (tokenize.TokenError, SyntaxError, ValueError) as error:  # go on behind it
            told = error.lineno if isinstance(error, SyntaxError) else None
            if isinstance(error, tokenize.TokenError):
                told = error.args[1][0]
            at = max(reached, at + (told or 0) - 1) + 1
            yield "NEWLINE", "", at, False
