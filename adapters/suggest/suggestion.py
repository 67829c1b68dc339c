"""A first declaration for a file: what it is, its columns' fields, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.suggest.head import opened
from adapters.suggest.match import Pair, match
from adapters.suggest.reason import Reason
from adapters.suggest.rules import Suggested, nulls_of, rules
from adapters.suggest.sample import Sample, take_sample
from adapters.suggest.shapes import Profile, profiles
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard

# Numbers that only tell records apart: where a source has none, one can be made of the row itself.
# The number of a licence or a document is another matter.
_IDENTIFIERS = frozenset(
    ("alert_no", "entry_id", "entry_no", "inspection_no", "quote_no", "record_no", "sample_no",
     "signal_id", "ticket_no", "warning_id")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`pairs` are the columns that were recognised, `unknown` those that weren't, `missing` the
    required fields that no column gives."""

    file: Path
    standard: Standard
    sample: Sample
    profiles: Mapping[str, Profile]
    pairs: Sequence[Pair]
    rules: Sequence[Suggested]
    nulls: Sequence[str]
    unknown: Sequence[str]
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ranked:
    """How well a standard suits a file: the share (0–1) of its columns and of its required fields
    that were matched, weighed by confidence."""

    standard: Standard
    score: float
    columns: int
    required: int
    required_all: int


def suggest(path: Path, standard: Standard) -> Suggestion:
    """A declaration of the file for the standard.

    Raises SourceUnavailable (file_missing), SourceUnreadable (file_empty, suggest_unknown,
    suggest_format_absent, suggest_encoding, suggest_no_table, suggest_packed_name, suggest_too_large
    and as the format's reader), Misdeclared (suggest_no_field).
    """
    with opened(path) as head:
        sample = take_sample(head)
    seen = {one.name: one for one in profiles(sample.rows)}
    pairs = match(list(seen.values()), standard)
    if not pairs:
        params = {"dataset": standard.dataset, "found": "、".join(list(seen)[:12])}
        raise Misdeclared(Issue("suggest_no_field", file=path.name, params=params))
    kind = str(sample.format["kind"])
    made = rules(pairs, seen, standard, kind)
    made += _identifier(standard, made, pairs)
    given = {one.field for one in made}
    used = {column for one in made for column in one.columns}
    return Suggestion(
        file=path,
        standard=standard,
        sample=sample,
        profiles=seen,
        pairs=pairs,
        rules=made,
        nulls=nulls_of([seen[column] for column in seen if column in used]),
        unknown=[column for column in seen if column not in used],
        missing=_missing(standard, given),
    )


def rank(path: Path, catalogue: Catalogue, most: int = 3) -> tuple[Sample, list[Ranked]]:
    """The standards that suit the file best, the best first; raises as `suggest`."""
    with opened(path) as head:
        sample = take_sample(head)
    seen = profiles(sample.rows)
    ranked = [_ranked(seen, catalogue.get(name)) for name in catalogue.datasets()]
    return sample, sorted(ranked, key=lambda one: -one.score)[:most]


def _ranked(seen: Sequence[Profile], standard: Standard) -> Ranked:
    pairs = match(seen, standard)
    required = [name for name, field in standard.fields.items() if field.required]
    found = {pair.field: pair.score for pair in pairs}
    columns = sum(found.values()) / max(len(seen), 1)
    needed = sum(found.get(name, 0.0) for name in required) / max(len(required), 1)
    score = round(0.7 * columns + 0.3 * needed, 3)
    met = sum(name in found for name in required)
    return Ranked(standard, score, len(pairs), met, len(required))


def _missing(standard: Standard, given: set[str]) -> list[str]:
    """Required fields, and parts of the key none of whose alternatives is there."""
    required = [n for n, field in standard.fields.items() if field.required and n not in given]
    parts = [part[0] for part in standard.key if not given & set(part)]
    return list(dict.fromkeys([*required, *parts]))


def _identifier(
    standard: Standard, made: Sequence[Suggested], pairs: Sequence[Pair]
) -> list[Suggested]:
    """A fingerprint for the one number of a record that no column gives."""
    absent = _missing(standard, {one.field for one in made})
    wanted = [name for name in absent if name in _IDENTIFIERS]
    if len(wanted) != 1 or len(pairs) < 2:
        return []
    columns = [pair.column for pair in pairs]
    reason = Reason("来源没有编号：由各列算出", "the source numbers nothing: made of the columns")
    rule = {"from": columns, "convert": "fingerprint"}
    return [Suggested(wanted[0], rule, 0.5, reason, tuple(columns))]
