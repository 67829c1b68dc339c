"""What one word of a search asks of a package: a text, a pattern, a range, or that there is a value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from publisher.ckan_view.failures import Unsearchable
from publisher.ckan_view.query_words import Word

#: What a package is found by: field → its values. Those of `TEXTS` are searched inside and folded.
Facts = Mapping[str, Sequence[str]]
Test = Callable[[Facts], bool]

ALL = "text"  # the field that is searched where none is named
TEXTS = (ALL, "title", "notes", "author", "maintainer", "res_name", "res_description")
_MORE = re.compile(r"(extras_|res_extras_|vocab_).+")
_RANGE = re.compile(r"([\[{])\s*(\S+)\s+TO\s+(\S+)\s*([\]}])")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d)?)(?:\.\d+)?Z?")


def folded(text: str) -> str:
    """Width and case don't matter."""
    return unicodedata.normalize("NFKC", text).casefold()


def test_of(field: str | None, word: Word, known: frozenset[str]) -> Test:
    """The test that a word, after `field:` or alone, is. Raises Unsearchable."""
    name = field or ALL
    if name not in known and not _MORE.fullmatch(name) and name != "*":
        raise Unsearchable(f"undefined field {name}")
    if word.kind == "range":
        return _range(name, word.text)
    text = re.sub(r"\\(.)", r"\1", word.text)
    if word.kind == "text" and word.text == "*":
        return lambda facts: name in ("*", ALL) or bool(facts.get(name))
    if word.kind == "text" and re.search(r"(?<!\\)[*?]", word.text):
        return _pattern(name, word.text)
    if name in TEXTS:
        return _inside(name, folded(text))
    return lambda facts: text in facts.get(name, ())


def _inside(name: str, wanted: str) -> Test:
    """A text in any place, but Latin letters only from the beginning of a word."""
    if not re.fullmatch(r"[0-9a-z]+", wanted):
        return lambda facts: any(wanted in value for value in facts.get(name, ()))
    word = re.compile(rf"(?<![0-9a-z]){wanted}")
    return lambda facts: any(word.search(value) for value in facts.get(name, ()))


def _pattern(name: str, written: str) -> Test:
    """* stands for any characters and ? for one."""
    text = folded(written) if name in TEXTS else written
    parts = re.findall(r"\\.|.", text)
    pieces = {"*": ".*", "?": "."}
    whole = re.compile("".join(pieces.get(p, re.escape(p[-1])) for p in parts), re.DOTALL)
    look = whole.search if name in TEXTS else whole.fullmatch
    return lambda facts: any(look(value) for value in facts.get(name, ()))


def _range(name: str, written: str) -> Test:
    found = _RANGE.fullmatch(written)
    if found is None:
        raise Unsearchable(f"{written} isn't a range")
    least, most = (None if end == "*" else _end(end) for end in found.group(2, 3))
    from_, to = found[1] == "[", found[4] == "]"

    def within(value: str) -> bool:
        plain = _plain(value)
        low = least is None or plain > least or (from_ and plain == least)
        return low and (most is None or plain < most or (to and plain == most))

    return lambda facts: any(within(value) for value in facts.get(name, ()))


def _end(written: str) -> str:
    if "NOW" in written:
        raise Unsearchable("a range has days written out, such as 2026-01-31T00:00:00Z")
    return _plain(written.strip('"'))


def _plain(value: str) -> str:
    """A moment to its second."""
    found = _MOMENT.fullmatch(value)
    return found[1] if found else value
