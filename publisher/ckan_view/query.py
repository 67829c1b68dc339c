"""A search as Solr users write it, made into a test of a package.

AND, OR, NOT, &&, ||, +, -, !, groups, `field:value`, "phrases", * and ?, [a TO b]; words beside each
other must all be found. OR binds less than AND. Weights (^2) and distances (~2) are read over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from publisher.ckan_view.failures import Unsearchable
from publisher.ckan_view.query_tests import Facts, Test, folded, test_of
from publisher.ckan_view.query_words import Word, words_of

DEEPEST = 40  # groups within groups


@dataclass(frozen=True, slots=True)
class Query:
    """`holds` says whether a package is found; `words` are the plain ones, folded, for the order."""

    holds: Test
    words: tuple[str, ...] = ()


def read_query(text: str, known: frozenset[str]) -> Query:
    """The query of `text`; an empty one finds everything. `known` are the fields that there are.

    Raises Unsearchable.
    """
    if text.strip() in ("", "*:*", '""', "''"):
        return Query(lambda _: True)
    reader = _Reader(words_of(text), known)
    holds = reader.either(None, 0)
    if reader.next() is not None:
        raise Unsearchable("a bracket is closed that wasn't opened")
    return Query(holds, tuple(reader.plain))


@dataclass(slots=True)
class _Reader:
    words: list[Word]
    known: frozenset[str]
    plain: list[str] = field(default_factory=list)
    place: int = 0

    def next(self) -> str | None:
        """The kind of the next word; None at the end."""
        return self.words[self.place].kind if self.place < len(self.words) else None

    def take(self) -> Word:
        """The next word, which is passed."""
        if self.place >= len(self.words):
            raise Unsearchable("it ends too early")
        self.place += 1
        return self.words[self.place - 1]

    def either(self, name: str | None, depth: int) -> Test:
        """a OR b"""
        if depth > DEEPEST:
            raise Unsearchable(f"more than {DEEPEST} groups within groups")
        found = [self.all(name, depth)]
        while self.next() == "or":
            self.take()
            found.append(self.all(name, depth))
        return found[0] if len(found) == 1 else _any(found)

    def all(self, name: str | None, depth: int) -> Test:
        """a AND b, a b"""
        found = [self.one(name, depth)]
        while self.next() not in (None, "or", "close"):
            if self.next() == "and":
                self.take()
            found.append(self.one(name, depth))
        return found[0] if len(found) == 1 else _all(found)

    def one(self, name: str | None, depth: int) -> Test:
        """A value, `field:value` or a group, perhaps with a sign before it."""
        word = self.take()
        if word.kind == "sign":
            holds = self.one(name, depth + 1) if depth < DEEPEST else _refuse()
            return holds if word.text == "+" else _not(holds)
        if word.kind == "open":
            holds = self.either(name, depth + 1)
            if self.take().kind != "close":
                raise Unsearchable("a bracket isn't closed")
            return holds
        if word.kind == "text" and self.next() == "colon":
            self.take()
            return self.one(word.text, depth + 1) if depth < DEEPEST else _refuse()
        if word.kind not in ("text", "phrase", "range"):
            raise Unsearchable(f"{word.text} isn't expected there")
        if name is None and word.kind != "range":
            self.plain.append(folded(word.text))
        return test_of(name, word, self.known)


def _refuse() -> Test:
    raise Unsearchable(f"more than {DEEPEST} groups within groups")


def _any(tests: list[Test]) -> Callable[[Facts], bool]:
    return lambda facts: any(test(facts) for test in tests)


def _all(tests: list[Test]) -> Callable[[Facts], bool]:
    return lambda facts: all(test(facts) for test in tests)


def _not(test: Test) -> Callable[[Facts], bool]:
    return lambda facts: not test(facts)
