"""How much a column's name is like a field's: 0 to 1, and why.

A field is known by its name, its official code, its titles, and the names in `aliases.csv`. Chinese
names are compared by characters, and their end counts most, because that is where Chinese says what
a thing is; English ones by words, and rare words count most.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from adapters.suggest.reason import Reason
from adapters.suggest.words import (
    aliases_of,
    alternatives,
    canonical,
    is_chinese,
    plain,
    stem,
    tokens,
)
from exchange_schemas.standard import Field, Standard

_NAME = Reason("与字段名相同", "the field's name")
_CODE = Reason("官方数据项代码", "its official code")
_TITLE = Reason("与中文标题相同", "its Chinese title")
_ENGLISH = Reason("与英文标题相同", "its English title")

_LAST = 1.3  # how much more the last word says: what a thing is stands there
_OTHER = 0.7  # what a name loses that ends in a kind of value that the other doesn't have
_STRIPPED = 0.95  # what a name counts without a prefix that all columns share
_KINDS_OF_VALUE = frozenset(
    stem(word)
    for word in ("identifier", "number", "code", "date", "address", "phone", "count", "rate")
)
_PREFIX = re.compile(r"[^_.]+[_.](?=.)")
_APART = 0.8  # what two names lose where the rarest word of one is missing in the other


@dataclass(frozen=True, slots=True)
class Phrase:
    """One name of a field; `weight` is the confidence that it alone gives."""

    text: str
    weight: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a field."""

    exact: Mapping[str, Phrase]  # plain text → phrase
    chinese: tuple[tuple[str, Phrase], ...]  # canonical text, phrase
    english: tuple[tuple[tuple[str, ...], Phrase], ...]  # tokens, phrase


def names_of(field: Field, standard: Standard) -> Names:
    """What the field is called."""
    phrases = list(_phrases(field, standard.dataset))
    exact: dict[str, Phrase] = {}
    for phrase in phrases:
        exact.setdefault(plain(phrase.text), phrase)
    chinese = [(canonical(p.text), p) for p in phrases if is_chinese(p.text)]
    english = [(tokens(p.text), p) for p in phrases if not is_chinese(p.text)]
    return Names(exact, tuple(chinese), tuple((words, p) for words, p in english if words))


def _phrases(field: Field, dataset: str) -> Iterable[Phrase]:
    yield Phrase(field.name, 0.98, _NAME)
    if field.code:
        yield Phrase(field.code, 0.97, _CODE)
    yield Phrase(field.title, 0.97, _TITLE)
    yield Phrase(field.title_en, 0.93, _ENGLISH)
    for part in alternatives(field.title):
        yield Phrase(part, 0.85, Reason(f"标题的一部分“{part}”", f"part of its title, {part}"))
    for place, alias in enumerate(aliases_of(field.name, dataset)):
        # the lists go from the plain to the vague
        weight = max(0.78, 0.92 - 0.005 * place)
        yield Phrase(alias, weight, Reason(f"常用别名“{alias}”", f"often called {alias}"))


class Likeness:
    """Compares columns' names with the fields of one standard."""

    def __init__(self, standard: Standard, columns: Sequence[str]) -> None:
        self.names = {name: names_of(field, standard) for name, field in standard.fields.items()}
        self._rarity = _rarity(self.names.values())
        self._shared = _shared(columns)

    def of(self, column: str, field: str) -> tuple[float, Reason]:
        """0–1 and the reason; 0 where nothing is alike."""
        found = self._of(column, self.names[field])
        if self._shared and column.startswith(self._shared):
            score, reason = self._of(column.removeprefix(self._shared), self.names[field])
            found = max(found, (_STRIPPED * score, reason), key=lambda one: one[0])
        return found

    def _of(self, column: str, names: Names) -> tuple[float, Reason]:
        same = names.exact.get(plain(column))
        if same is not None:
            return same.weight, same.reason
        found = [self._chinese(column, names), self._english(column, names)]
        return max(found, key=lambda one: one[0])

    def _chinese(self, column: str, names: Names) -> tuple[float, Reason]:
        best, reason = 0.0, Reason("", "")
        if not is_chinese(column):
            return best, reason
        forms = [canonical(column), *map(canonical, alternatives(column))]
        for text, phrase in names.chinese:
            score = max(_alike(form, text) for form in forms) * phrase.weight
            if score > best:
                shown = phrase.text
                best, reason = score, Reason(f"与“{shown}”相近", f"much like {shown}")
        return best, reason

    def _english(self, column: str, names: Names) -> tuple[float, Reason]:
        best, reason = 0.0, Reason("", "")
        words = tokens(column)
        starts = _starts(words)
        for told, phrase in names.english:
            if starts.isdisjoint(_starts(told)):
                continue  # most have nothing in common, and this is the quickest way to see it
            score = self._overlap(words, told) * phrase.weight
            if score > best:
                best, reason = score, Reason(f"词义近“{phrase.text}”", f"reads like {phrase.text}")
        return best, reason

    def _overlap(self, column: tuple[str, ...], phrase: tuple[str, ...]) -> float:
        """Share of the words that both have, each weighing what it is rare.

        Where the rarest word of one has no partner the two mean different things: tax number,
        registration number.
        """
        share = 1.0
        matched = total = 0.0
        for words, others in ((column, phrase), (phrase, column)):
            strengths = {word: max(_strength(word, other) for other in others) for word in words}
            weights = {word: self._weight(word) for word in words}
            weights[words[-1]] *= _LAST
            matched += sum(strength * weights[word] for word, strength in strengths.items())
            total += sum(weights.values())
            share *= 1.0 if strengths[max(words, key=self._weight)] else _APART
        return share * matched / total * (_OTHER if _differ(column[-1], phrase) else 1.0)

    def _weight(self, word: str) -> float:
        return self._rarity.get(word, 1.0)


def _rarity(names: Iterable[Names]) -> dict[str, float]:
    """Word → 0.35 for those that most fields have (date, name) up to 1 for those that one has."""
    listed = list(names)
    seen = Counter(
        word for one in listed for word in {w for words, _ in one.english for w in words}
    )
    most = math.log(1 + len(listed))
    return {word: max(0.35, 1 - math.log(count) / most) for word, count in seen.items()}


def _differ(last: str, phrase: tuple[str, ...]) -> bool:
    return last in _KINDS_OF_VALUE and not any(_strength(last, word) for word in phrase)


def _shared(columns: Sequence[str]) -> str:
    """What most columns begin with, up to a `_` or a point: agency_ of agency_name, agency_phone."""
    starts = Counter(found.group() for name in columns if (found := _PREFIX.match(name)))
    prefix, count = starts.most_common(1)[0] if starts else ("", 0)
    return prefix if count >= 4 and count >= 0.8 * len(columns) else ""


@lru_cache(maxsize=32768)
def _starts(words: tuple[str, ...]) -> frozenset[str]:
    """What words that are alike have in common: their first three letters."""
    return frozenset(word[:3] for word in words)


def _strength(one: str, other: str) -> float:
    """1 for the same word, less for an abbreviation of it: appr of approv."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and len(long) - len(short) >= 2 and long.startswith(short):
        return 0.9
    return 0.0


def _alike(column: str, phrase: str) -> float:
    """Of two Chinese names; what they end with counts most."""
    if column == phrase:
        return 0.97
    short, long = sorted((column, phrase), key=len)
    share = len(short) / len(long)
    if len(short) >= 2 and long.endswith(short):
        return 0.5 + 0.45 * share
    if len(short) >= 2 and short in long:
        return 0.35 + 0.4 * share
    pairs, others = _pairs(column), _pairs(phrase)
    common = sum((pairs & others).values())
    if not common:
        return 0.0
    dice = 2 * common / (sum(pairs.values()) + sum(others.values()))
    return 0.85 * dice if column[-2:] == phrase[-2:] else 0.55 * dice


def _pairs(text: str) -> Counter[str]:
    return Counter(text[k : k + 2] for k in range(len(text) - 1))
