"""A search as Solr users write it, cut into words: groups, fields, phrases, ranges, operators."""

from __future__ import annotations

import re
from dataclasses import dataclass

from publisher.ckan_view.failures import Unsearchable

LONGEST = 4_000  # characters of one query
MOST = 500  # words of one query

_WORD = re.compile(
    r"""\s*(?:
    (?P<open>\() | (?P<close>\)) | (?P<colon>:)
    | (?P<and>&&) | (?P<or>\|\|) | (?P<sign>[+\-!](?=\S))
    | (?P<range>[\[{][^\[\]{}]*\ TO\ [^\[\]{}]*[\]}])
    | "(?P<phrase>(?:\\.|[^"\\])*)"(?:[~^][\d.]+)*
    | (?P<text>(?:\\.|[^\s()":\[\]{}\\])+)
    )""",
    re.VERBOSE,
)
_WEIGHT = re.compile(r"(?<=.)[~^][\d.]*$")
_OPERATORS = {"AND": "and", "OR": "or", "NOT": "sign"}


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a query; `kind` is open, close, colon, and, or, sign, range, phrase or text."""

    kind: str
    text: str


def words_of(query: str) -> list[Word]:
    """The words of a query, in order. Raises Unsearchable."""
    if len(query) > LONGEST:
        raise Unsearchable(f"longer than {LONGEST} characters")
    query = query.strip()
    words: list[Word] = []
    place = 0
    while place < len(query):
        found = _WORD.match(query, place)
        if found is None or len(words) >= MOST:
            raise Unsearchable(f"can't be read from character {place + 1} on")
        words.append(_word(found))
        place = found.end()
    return words


def _word(found: re.Match[str]) -> Word:
    kind = found.lastgroup or "text"
    text = found[kind]
    if kind == "text":
        if text in _OPERATORS:
            return Word(_OPERATORS[text], "-" if text == "NOT" else text)
        return Word(kind, _WEIGHT.sub("", text))
    return Word(kind, "-" if text == "!" else text)
