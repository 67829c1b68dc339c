"""Regular expressions that can take exponential time in a program that tries one way after another.

Here patterns run in linear time. Whoever receives a standard may judge records with another engine,
so a pattern must let a text be matched in one way only wherever it repeats.

The pattern becomes an automaton with one state per character class (V. M. Glushkov, 1961). It is
explosive where a state can be left and reached again in two ways by the same text: then a text of n
such parts can be matched in 2ⁿ ways (A. Weber and H. Seidl, 1991: exponential ambiguity).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from re import _constants as sre  # type: ignore[attr-defined]  # Python's own tree of a pattern
from re import _parser  # type: ignore[attr-defined]
from typing import Any

#: Classes by Unicode property, which Python doesn't know, and a class that stands for them.
_PROPERTY = re.compile(r"\\[pP]\{[^}]*\}")
_STAND_IN = "\u4e00-\u9fff"

#: A repetition of so many at most is written out, a larger one judged as one without end.
WRITTEN_OUT = 3
#: The same of a repetition that is always of one length, such as [0-9]{18}.
WRITTEN_OUT_SAME = 20

MOST_STATES = 400  # what is larger isn't judged in reasonable time, and nobody can read it

_ANY_KIND = "0٣aZ_中 \u3000\n\t!~é"  # characters of every category

Edge = tuple[int, int]
Class = Callable[[str], bool]


def explosive(pattern: str) -> bool:
    """Whether a text can be matched in exponentially many ways.

    Raises ValueError where the pattern can't be read or is too large to be judged.
    """
    try:
        tree = _parser.parse(_readable(pattern))
        automaton = Automaton()
        automaton.sequence(tree)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return automaton.ambiguous()


def _readable(pattern: str) -> str:
    """The pattern with Unicode properties replaced, also those that stand inside a class.

    An empty group is put into every alternative, or Python would join those that begin alike.
    """
    out, inside, place = [], False, 0
    while place < len(pattern):
        named = _PROPERTY.match(pattern, place)
        width = 2 if pattern[place] == "\\" else 1
        if named:
            out.append(_STAND_IN if inside else f"[{_STAND_IN}]")
            width = len(named.group())
        else:
            letter = pattern[place]
            out.append("|()" if letter == "|" and not inside else pattern[place : place + width])
            inside = letter == "[" or (inside and letter != "]")
        place += width
    return "".join(out)


@dataclass(frozen=True, slots=True)
class Part:
    """States that a part of a pattern can begin and end with, with how many ways there are, and in
    how many ways it can match nothing."""

    first: Counter[int]
    last: Counter[int]
    empty: int


NOTHING = Part(Counter(), Counter(), 1)


@dataclass(slots=True)
class Automaton:
    """`classes` has the characters of every state, `edges` in how many ways one follows another.

    `counted_nothing`: a part that may match nothing is repeated a number of times, which some
    engines try in every way.
    """

    classes: list[Class] = field(default_factory=list)
    edges: Counter[Edge] = field(default_factory=Counter)
    alphabet: set[str] = field(default_factory=lambda: set(_ANY_KIND))
    counted_nothing: bool = False

    def sequence(self, tree: Iterable[tuple[Any, Any]]) -> Part:
        """Parts one behind the other."""
        whole = NOTHING
        for operation, argument in tree:
            whole = self._then(whole, self._part(operation, argument))
        return whole

    def _part(self, operation: Any, argument: Any) -> Part:
        if operation is sre.BRANCH:
            return _either([self.sequence(one) for one in argument[1]])
        if operation in (sre.SUBPATTERN, sre.ATOMIC_GROUP):
            return self.sequence(argument[-1] if operation is sre.SUBPATTERN else argument)
        if operation in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            return self._repeat(*argument)
        if operation in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
            if operation is not sre.AT:
                self.sequence(argument[1])  # has a beginning and an end of its own
            return NOTHING
        return self._state(operation, argument)

    def _state(self, operation: Any, argument: Any) -> Part:
        if len(self.classes) == MOST_STATES:
            raise OverflowError(f"more than {MOST_STATES} characters and classes")
        self.classes.append(_class(operation, argument, self.alphabet))
        mine = len(self.classes) - 1
        return Part(Counter([mine]), Counter([mine]), 0)

    def _repeat(self, least: int, most: Any, tree: Any) -> Part:
        one = self.sequence(tree)
        if most is sre.MAXREPEAT:
            return self._loop(least, one)
        self.counted_nothing |= most > WRITTEN_OUT and one.empty > 0
        if most > (WRITTEN_OUT_SAME if least == most else WRITTEN_OUT):
            return self._loop(least, one)
        whole = NOTHING
        for turn in range(most):
            one = self.sequence(tree) if turn else one
            if turn >= least:
                one = Part(one.first, one.last, 1)
            whole = self._then(whole, one)
        return whole

    def _loop(self, least: int, one: Part) -> Part:
        self._join(one.last, one.first)
        return Part(one.first, one.last, 1 if least == 0 else one.empty)

    def _then(self, left: Part, right: Part) -> Part:
        self._join(left.last, right.first)
        first, last = Counter(left.first), Counter(right.last)
        _add(first, right.first, left.empty)
        _add(last, left.last, right.empty)
        return Part(first, last, min(left.empty * right.empty, 2))

    def _join(self, ends: Counter[int], begins: Counter[int]) -> None:
        for end, of_end in ends.items():
            for begin, of_begin in begins.items():
                self.edges[end, begin] += of_end * of_begin

    def ambiguous(self) -> bool:
        """Whether some state can be reached from itself in two ways by one text."""
        if self.counted_nothing:
            return True
        after = _next(self.edges)
        beyond = {state: _reached([state], after) for state in after}
        circular = [(end, begin) for end, begin in self.edges if end in beyond.get(begin, ())]
        if any(self.edges[edge] > 1 for edge in circular):
            return True
        # Two walks by the same text along circles, which part somewhere and meet again.
        pairs = list(self._both(_next(circular)))
        met = {state for pair in pairs for state in pair if state[0] == state[1]}
        parted = _reached(met, _next(pairs)) - met
        return bool(parted & _reached(met, _next((to, come) for come, to in pairs)))

    def _both(self, after: dict[int, list[int]]) -> Iterator[tuple[Edge, Edge]]:
        """From pair to pair of states, from all that are one state twice."""
        letters = [{letter for letter in self.alphabet if has(letter)} for has in self.classes]
        seen: set[Edge] = set()
        waiting = [(state, state) for state in after]
        while waiting:
            pair = waiting.pop()
            if pair in seen:
                continue
            seen.add(pair)
            for left, right in product(after.get(pair[0], ()), after.get(pair[1], ())):
                if letters[left] & letters[right]:
                    waiting.append((left, right))
                    yield pair, (left, right)


def _next(edges: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    after: dict[Any, list[Any]] = {}
    for end, begin in edges:
        after.setdefault(end, []).append(begin)
    return after


def _reached(begins: Iterable[Any], after: Mapping[Any, list[Any]]) -> set[Any]:
    """What comes behind `begins`, which are among it only where a way leads back."""
    found: set[Any] = set()
    waiting = [to for begin in begins for to in after.get(begin, ())]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += after.get(one, ())
    return found


def _either(parts: list[Part]) -> Part:
    first: Counter[int] = Counter()
    last: Counter[int] = Counter()
    for part in parts:
        _add(first, part.first, 1)
        _add(last, part.last, 1)
    return Part(first, last, min(sum(part.empty for part in parts), 2))


def _add(total: Counter[int], more: Counter[int], times: int) -> None:
    for state, ways in more.items():
        if times:
            total[state] += ways * times


def _class(operation: Any, argument: Any, alphabet: set[str]) -> Class:
    """Whether a character is in the class; its borders are added to the alphabet."""
    if operation is sre.LITERAL:
        alphabet |= _around(argument)
        return lambda letter: ord(letter) == argument
    if operation is sre.NOT_LITERAL:
        alphabet |= _around(argument)
        return lambda letter: ord(letter) != argument
    if operation is sre.RANGE:
        low, high = argument
        alphabet |= _around(low) | _around(high)
        return lambda letter: low <= ord(letter) <= high
    if operation is sre.CATEGORY:
        return _CATEGORIES[argument]
    if operation is sre.IN:
        negated = argument[0][0] is sre.NEGATE
        parts = [_class(kind, told, alphabet) for kind, told in argument[negated:]]
        return lambda letter: any(part(letter) for part in parts) is not negated
    return lambda _letter: True  # any character, or an earlier group again


def _around(code: int) -> set[str]:
    return {chr(near) for near in (code - 1, code, code + 1) if 0 <= near < 0x110000}


def _of_category(pattern: str) -> Class:
    compiled = re.compile(pattern)
    return lambda letter: compiled.match(letter) is not None


_CATEGORIES: dict[Any, Class] = {
    sre.CATEGORY_DIGIT: _of_category(r"\d"),
    sre.CATEGORY_NOT_DIGIT: _of_category(r"\D"),
    sre.CATEGORY_SPACE: _of_category(r"\s"),
    sre.CATEGORY_NOT_SPACE: _of_category(r"\S"),
    sre.CATEGORY_WORD: _of_category(r"\w"),
    sre.CATEGORY_NOT_WORD: _of_category(r"\W"),
}
