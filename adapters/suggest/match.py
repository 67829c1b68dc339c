"""Columns to fields: every pair is scored, and the best pairs are taken one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adapters.suggest.fit import fit
from adapters.suggest.likeness import Likeness
from adapters.suggest.reason import Reason, joined
from adapters.suggest.shapes import Profile
from exchange_schemas.standard import Field, Standard

LEAST = 0.5  # below this a guess would be noise
_GAIN = 0.4  # how much of what a name lacks the values can make up
_LOSS = 0.7  # how much of what a name says they can take away
_BY_SHAPE = 0.55  # confidence of a pair that only the values speak for
_TWIN = 0.15  # what a column loses that repeats another one cell for cell


@dataclass(frozen=True, slots=True)
class Pair:
    """A column and a field that it may be; `score` is the confidence, 0–1."""

    column: str
    field: str
    score: float
    reason: Reason


def match(profiles: Sequence[Profile], standard: Standard) -> list[Pair]:
    """The best pairs, each column and each field at most once, in the order of the columns."""
    scored = sorted(_pairs(profiles, standard), key=lambda pair: -pair.score)
    taken = _take(scored)
    taken += _left(profiles, standard, taken)
    order = {profile.name: place for place, profile in enumerate(profiles)}
    return sorted(taken, key=lambda pair: order[pair.column])


def _pairs(profiles: Sequence[Profile], standard: Standard) -> Iterator[Pair]:
    likeness = Likeness(standard, [profile.name for profile in profiles])
    twins = _twins(profiles)
    for profile in profiles:
        loss = _TWIN if profile.name in twins else 0.0
        for name, field in standard.fields.items():
            pair = _score(profile, field, *likeness.of(profile.name, name))
            if pair.score - loss >= LEAST:
                yield Pair(pair.column, pair.field, pair.score - loss, pair.reason)


def _score(profile: Profile, field: Field, alike: float, reason: Reason) -> Pair:
    """The name's confidence, raised or lowered by what the values say."""
    if alike < 0.3:
        return Pair(profile.name, field.name, 0.0, reason)
    value, why = fit(field, profile)
    gain = (1 - alike) * _GAIN * value if value >= 0 else alike * _LOSS * value
    score = alike + gain
    told = [reason, why] if why.zh else [reason]
    return Pair(profile.name, field.name, round(min(score, 0.99), 2), joined(told))


def _take(scored: Sequence[Pair]) -> list[Pair]:
    columns: set[str] = set()
    fields: set[str] = set()
    taken = []
    for pair in scored:
        if pair.column not in columns and pair.field not in fields:
            taken.append(pair)
            columns.add(pair.column)
            fields.add(pair.field)
    return taken


def _left(profiles: Sequence[Profile], standard: Standard, taken: list[Pair]) -> list[Pair]:
    """Fields that identify or date a record, and a column that only its values speak for.

    Only where one single column has such values: of two columns with dates nobody could tell.
    """
    used, filled = {pair.column for pair in taken}, {pair.field for pair in taken}
    free = [one for one in profiles if one.name not in used and one.cells]
    found: list[Pair] = []
    for field in _distinctive(standard):
        if field.name in filled:
            continue
        fitting = [(one, why) for one in free for value, why in [fit(field, one)] if value >= 0.7]
        if len(fitting) == 1:
            one, why = fitting[0]
            reason = joined([why, Reason("只有这一列如此", "and no other column's are")])
            found.append(Pair(one.name, field.name, _BY_SHAPE, reason))
            free.remove(one)
    return found


def _distinctive(standard: Standard) -> list[Field]:
    roles = (standard.roles.code, standard.roles.document, standard.roles.date)
    names = [name for name in roles if name]
    names += [name for name, field in standard.fields.items() if field.required]
    formats = ("uscc", "doc-no", "division-code")
    told = [standard.fields[name] for name in dict.fromkeys(names) if name in standard.fields]
    return [f for f in told if f.kind == "date" or f.schema.get("format") in formats]


def _twins(profiles: Sequence[Profile]) -> set[str]:
    """Columns that agree with another one in every row: one of the two is a copy."""
    seen: dict[tuple[str, ...], list[str]] = {}
    for profile in profiles:
        if len(profile.counts) >= 2 and len(profile.cells) >= 5:
            seen.setdefault(profile.cells, []).append(profile.name)
    return {name for names in seen.values() if len(names) > 1 for name in names}
