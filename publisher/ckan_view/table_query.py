"""datastore_search: what is asked of a table, read and checked as CKAN does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange_schemas.standard import Field
from publisher.ckan_view.columns import ROW
from publisher.ckan_view.failures import Invalid
from publisher.ckan_view.parameters import Parameters
from publisher.cursor import decode

LIMIT, MOST = 100, 32_000
FORMATS = ("objects", "lists", "csv", "tsv")

_TAKEN = {
    "resource_id", "id", "q", "full_text", "plain", "filters", "language", "limit", "offset",
    "fields", "sort", "distinct", "include_total", "total_estimation_threshold", "records_format",
    "after",
}  # fmt: skip
_SORT = re.compile(
    r'(?:"(?P<quoted>[^"]+)"|(?P<plain>[^"\s]+))(?:\s+(?P<way>asc|desc))?(?:\s+nulls\s+(?:first|last))?',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TableQuery:
    """Which rows of a table (values as texts, any of several), which columns, in which order.

    `words` are looked for in the whole record as the portal's search does, `inside` in one field
    each. `sort` has fields and whether they descend. `columns` are to be given, in order.
    """

    where: Mapping[str, Sequence[str]]
    words: str
    inside: Mapping[str, str]
    sort: Sequence[tuple[str, bool]]
    columns: Sequence[str]
    distinct: bool
    limit: int
    offset: int
    after: str | None
    total: bool
    format: str


def table_query(
    asked: Parameters, fields: Mapping[str, Field], limit: int = LIMIT, most: int = MOST
) -> TableQuery:
    """The query of a table with these fields: of `limit` rows unless it says how many, and of at
    most `most`. Raises Invalid."""
    if strange := [name for name in asked.names if name not in _TAKEN]:
        raise Invalid({"__extras": [_wrong(strange[0])]})
    written = asked.string("records_format", "objects")
    if written not in FORMATS:
        raise Invalid({"records_format": [f"Value must be one of {list(FORMATS)}"]})
    words, inside = _words(asked, fields)
    after = asked.string("after") or None
    if after and decode(after, int, str) is None:
        raise Invalid({"after": [_wrong(after)]})
    if after and asked.number("offset", 0):
        raise Invalid({"after": ["It says where to go on, so offset must not be given"]})
    return TableQuery(
        where=_where(asked, fields),
        words=words,
        inside=inside,
        sort=_sort(asked, fields),
        columns=_columns(asked, fields),
        distinct=asked.flag("distinct"),
        limit=asked.number("limit", limit, most),
        offset=asked.number("offset", 0),
        after=after,
        total=asked.flag("include_total", otherwise=True),
        format=written,
    )


def _wrong(value: object) -> str:
    return f'invalid value "{value}"'


def _where(asked: Parameters, fields: Mapping[str, Field]) -> dict[str, list[str]]:
    told = asked.json("filters")
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise Invalid({"filters": ["Not a dictionary"]})
    for name in told:
        if name != ROW and name not in fields:
            raise Invalid({"filters": [_wrong(name)]})
    return {name: [_text(one) for one in _listed(value)] for name, value in told.items()}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, (dict, list)):
        raise Invalid({"filters": [_wrong(value)]})
    return str(value)


def _words(asked: Parameters, fields: Mapping[str, Field]) -> tuple[str, dict[str, str]]:
    """What is looked for anywhere, and in which field. A text that is a JSON object is one."""
    told = asked.given("q")
    if isinstance(told, str) and told.lstrip().startswith("{"):
        told = asked.json("q")
    if isinstance(told, dict):
        for name, text in told.items():
            if name not in fields or not isinstance(text, str):
                raise Invalid({"q": [_wrong(name)]})
        return asked.string("full_text"), dict(told)
    return " ".join((asked.string("q"), asked.string("full_text"))).strip(), {}


def _sort(asked: Parameters, fields: Mapping[str, Field]) -> list[tuple[str, bool]]:
    told = []
    for clause in asked.names_in("sort"):
        found = _SORT.fullmatch(clause)
        name = (found["quoted"] or found["plain"]) if found else ""
        if found is None or (name != ROW and name not in fields):
            raise Invalid({"sort": [_wrong(clause)]})
        told.append((name, (found["way"] or "").lower() == "desc"))
    return told


def _columns(asked: Parameters, fields: Mapping[str, Field]) -> list[str]:
    named = asked.names_in("fields")
    for name in named:
        if name != ROW and name not in fields:
            raise Invalid({"fields": [_wrong(name)]})
    return list(dict.fromkeys(named)) or [ROW, *fields]
