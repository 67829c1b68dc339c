"""A declaration while somebody writes it: beside the sample that it is made for, in the site's uploads.

What was guessed of each column, and why, is kept with it; the declaration itself is its text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from adapters.suggest.draft import feed_name
from adapters.suggest.head import opened
from adapters.suggest.reason import Reason
from adapters.suggest.sample import take_sample
from adapters.suggest.shapes import Profile, profiles
from adapters.suggest.suggestion import Suggestion, suggest
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.sealed import HIDDEN, sealed_names
from exchange_schemas.standard import Standard
from hub.feed_text import written
from hub.uploads import Upload

_FILE = "draft.json"
_SAMPLES, _LONGEST = 3, 40  # values of a column that are shown, and characters of each
UNSEEN = "待确认 (not recognised)"  # the reason why a column is left out that nobody has looked at


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sample, with some of its values."""

    name: str
    samples: Sequence[str]


@dataclass(frozen=True, slots=True)
class Guess:
    """Why a field was given its rule, and how sure that is (0–1)."""

    confidence: float
    zh: str
    en: str
    notes: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """`text` is the declaration so far, for `dataset`."""

    upload: Upload
    dataset: str
    text: str
    columns: Sequence[Column]
    guesses: Mapping[str, Guess] = field(default_factory=dict)
    hints: Sequence[tuple[str, str]] = ()

    @property
    def sure(self) -> dict[str, float]:
        """Field → how sure its rule was, where it was guessed."""
        return {name: one.confidence for name, one in self.guesses.items()}


def begin(upload: Upload, standard: Standard, department: str) -> Draft:
    """A first declaration of the file for the standard, kept; raises as `suggest`.

    Where no column is recognised, one in which somebody has to choose each.
    """
    try:
        found = suggest(upload.path, standard)
    except Misdeclared as error:
        if error.issue.code != "suggest_no_field":
            raise
        return _kept(_unknown(upload, standard, department))
    columns = _columns(found.profiles, _sealed(found))
    sealed = sealed_names(standard.fields)  # a note may quote a value
    guesses = {
        one.field: Guess(
            one.confidence,
            *_words(one.reason),
            [] if one.field in sealed else [_words(note) for note in one.notes],
        )
        for one in found.rules
    }
    told = {
        **_head(upload, standard, department, found.sample.format),
        "nulls": list(found.nulls),
        "fields": {one.field: one.rule for one in found.rules},
        "ignore": dict.fromkeys(found.unknown, UNSEEN),
    }
    hints = [_words(hint) for hint in found.sample.hints]
    text = written(told, standard)
    return _kept(Draft(upload, standard.dataset, text, columns, guesses, hints))


def draft_of(upload: Upload) -> Draft | None:
    """The draft beside an upload; None where none was begun."""
    try:
        told = json.loads((upload.folder / _FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Refused(Issue("upload_unknown", value=upload.number)) from error
    return Draft(
        upload,
        told["dataset"],
        told["text"],
        [Column(**one) for one in told["columns"]],
        {name: Guess(**one) for name, one in told["guesses"].items()},
        [(zh, en) for zh, en in told["hints"]],
    )


def change(draft: Draft, text: str) -> Draft:
    """The draft with another text, kept."""
    return _kept(replace(draft, text=text))


def _unknown(upload: Upload, standard: Standard, department: str) -> Draft:
    with opened(upload.path) as head:
        sample = take_sample(head)
    seen = {one.name: one for one in profiles(sample.rows)}
    told = {**_head(upload, standard, department, sample.format), "nulls": [], "fields": {},
            "ignore": dict.fromkeys(seen, UNSEEN)}  # fmt: skip
    hints = [_words(hint) for hint in sample.hints]
    return Draft(upload, standard.dataset, written(told), _columns(seen, frozenset()), {}, hints)


def _head(
    upload: Upload, standard: Standard, department: str, form: Mapping[str, Any]
) -> dict[str, Any]:
    stem = upload.name.partition(".")[0]
    other = {} if department == standard.department else {"department": department}
    return {
        "feed": feed_name(Path(stem), standard.dataset),
        "title": {"zh": f"{standard.title}（{stem}）", "en": f"{standard.title_en} ({stem})"},
        "standard": standard.dataset,
        **other,
        "source": {"kind": "upload"},
        "format": dict(form),
        "mode": "increment",
    }


def _sealed(found: Suggestion) -> frozenset[str]:
    names = sealed_names(found.standard.fields)
    return frozenset(c for one in found.rules if one.field in names for c in one.columns)


def _columns(seen: Mapping[str, Profile], sealed: frozenset[str]) -> list[Column]:
    return [
        Column(name, [HIDDEN] if name in sealed else _samples(one)) for name, one in seen.items()
    ]


def _samples(one: Profile) -> list[str]:
    different = list(dict.fromkeys(one.cells))[:_SAMPLES]
    return [cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]}…" for cell in different]


def _words(reason: Reason) -> tuple[str, str]:
    return reason.zh, reason.en


def _kept(draft: Draft) -> Draft:
    """Written whole or not at all: another page of the same person may be reading."""
    told = asdict(draft)
    del told["upload"]
    new = draft.upload.folder / f".{_FILE}"
    new.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    new.replace(draft.upload.folder / _FILE)
    return draft
