"""Where the words of a search stand in a text, in the same sense in which the search finds them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from markupsafe import Markup, escape


def marked(text: str | None, query: str) -> Markup:
    """The text as HTML, with what the words of `query` name inside `<mark>`.

    Case, width, brackets and blanks inside the text don't matter: 茂市监罚(2023)12 is found in
    茂市监罚〔2023〕12号.
    """
    shown, done = Markup(), 0
    text = text or ""
    for start, end in _joined(sorted(_spans(text, query))):
        shown += escape(text[done:start]) + Markup("<mark>{}</mark>").format(text[start:end])
        done = end
    return shown + escape(text[done:])


def folded(text: str) -> str:
    """Letters and digits only, upper case, full-width as half-width."""
    return "".join(_folded(one) for one in text)


def _spans(text: str, query: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each place of each word; they may overlap."""
    parts = [_folded(one) for one in text]
    places = [place for place, part in enumerate(parts) for _ in part]
    plain = "".join(parts)
    for word in {folded(word) for word in query.split()} - {""}:
        found = plain.find(word)
        while found >= 0:
            yield places[found], places[found + len(word) - 1] + 1
            found = plain.find(word, found + 1)


def _folded(character: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).upper())
    return "".join(one for one in plain if unicodedata.category(one)[0] in "LNM")


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans without overlaps."""
    reached: list[int] = []
    for start, end in spans:
        if reached and start <= reached[1]:
            reached[1] = max(reached[1], end)
            continue
        if reached:
            yield reached[0], reached[1]
        reached = [start, end]
    if reached:
        yield reached[0], reached[1]
