"""One thing wrong with one row, field, file or run.

Many issues travel as a Polars frame with the columns of `ISSUE_COLUMNS`; a single one is an
`Issue`. Both render the same message, in Chinese or English, from `issue_kinds.KINDS`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.language import DEFAULT_LOCALE, translate
from exchange_schemas.place import NOWHERE, Places

ERRORS = tuple(code for code, kind in KINDS.items() if kind.severity == "error")

ISSUE_COLUMNS = pl.Schema(
    {
        "line": pl.Int64,  # line of the source file where the row starts, 1-based; null: whole file
        "field": pl.String,  # field of the standard, or source column before mapping
        "code": pl.String,  # a key of KINDS
        "value": pl.String,  # the offending value, as written in the source
        "params": pl.String,  # JSON object: further words of the message, e.g. {"expected": "X"}
    }
)


@dataclass(frozen=True, slots=True)
class Issue:
    """`code` is a key of `KINDS`, which gives severity and wording."""

    code: str
    line: int | None = None
    field: str | None = None
    value: str | None = None
    file: str | None = None
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def severity(self) -> str:
        """error (rejects the row), warning (accepted and counted) or info."""
        return KINDS[self.code].severity

    def message(self, locale: str = DEFAULT_LOCALE) -> str:
        """Where, what and what to do, in one sentence of `locale`."""
        kind = KINDS[self.code]
        words = {"value": self.value or "", **self.params, "field": self._field_title(locale)}
        text = translate("exchange_schemas", locale, kind.message).format_map(_Lenient(words))
        return _placed(self, locale, text)

    def _field_title(self, locale: str) -> str:
        """The field's title, where `params` has it, else its name."""
        title = self.params.get("title" if locale == DEFAULT_LOCALE else "title_en")
        return title or self.field or ""


class _Lenient(dict[str, str]):
    def __missing__(self, name: str) -> str:
        """A reason that exists in English only stands for its Chinese twin."""
        return self.get(name.removesuffix("_zh"), f"{{{name}}}")


def _placed(issue: Issue, locale: str, text: str) -> str:
    """`text` behind its file and line; each language has its own marks between them."""
    if issue.line is None:
        return f"{issue.file}: {text}" if issue.file else text
    line = translate("exchange_schemas", locale, "line {line}").format(line=issue.line)
    place = f"{issue.file} {line}" if issue.file else line
    return translate("exchange_schemas", locale, "{place}: {text}").format(place=place, text=text)


def empty_issues() -> pl.DataFrame:
    """A frame of `ISSUE_COLUMNS` without rows."""
    return pl.DataFrame(schema=ISSUE_COLUMNS)


def issues_frame(issues: list[Issue]) -> pl.DataFrame:
    """The issues as a frame of `ISSUE_COLUMNS` (the file is the run's, so it is not a column)."""
    rows = [
        (i.line, i.field, i.code, i.value, json.dumps(dict(i.params), ensure_ascii=False))
        for i in issues
    ]
    return pl.DataFrame(rows, schema=ISSUE_COLUMNS, orient="row")


def issues_of(frame: pl.DataFrame, places: Places = NOWHERE) -> list[Issue]:
    """The rows of an issues frame as `Issue` values, each with its file and the line there."""
    found = []
    for line, name, code, value, params in frame.select(list(ISSUE_COLUMNS)).iter_rows():
        file, there = places.of(line)
        found.append(Issue(code, there, name, value, file, json.loads(params or "{}")))
    return found
