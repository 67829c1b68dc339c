"""The columns of a release: the permanent record id, the public fields, and what the hub adds.

The hub adds the first and the last day on which a record is public, and whether it is objected to.
"""

from __future__ import annotations

import polars as pl

from exchange_schemas.standard import Field, Standard

RECORD_ID = "record_id"
PUBLISHED_ON = "published_on"
DISCLOSED_UNTIL = "disclosed_until"
OBJECTION = "objection"


def _own(name: str, title: str, title_en: str, kind: str, note: str) -> Field:
    required = name == RECORD_ID
    return Field(name, title, title_en, kind, "public", required, False, {}, note=note)


_STANDS = "记录的永久标识，不随内容变化；门户中的地址由它组成"
RECORD_ID_FIELD = _own(RECORD_ID, "记录标识", "Record id", "string", _STANDS)
_FIRST = "记录首次向社会公示的日期"
PUBLISHED_ON_FIELD = _own(PUBLISHED_ON, "公示日期", "Published on", "date", _FIRST)
_LAST = "记录向社会公示的最后一日，期满次日起不再公示；空：期限未定"
DISCLOSED_UNTIL_FIELD = _own(DISCLOSED_UNTIL, "公示期至", "Disclosed until", "date", _LAST)
_OBJECTED = "“异议处理中”：当事人对记录提出异议，正在核实；空：没有"
OBJECTION_FIELD = _own(OBJECTION, "异议状态", "Objection", "string", _OBJECTED)

# What a view may have beside the fields of its standard, in the order of a release's columns.
HUB_FIELDS = {
    field.name: field for field in (PUBLISHED_ON_FIELD, DISCLOSED_UNTIL_FIELD, OBJECTION_FIELD)
}


def release_columns(standard: Standard, view: pl.DataFrame) -> dict[str, Field]:
    """The fields that a release of `view` has, in order.

    Each of `HUB_FIELDS` is there when the view has it and the standard has no such field of its own.
    """
    hub = {n: f for n, f in hub_fields(standard).items() if n in view.columns}
    return {RECORD_ID: RECORD_ID_FIELD, **standard.fields_for("public"), **hub}


def hub_fields(standard: Standard) -> dict[str, Field]:
    """The `HUB_FIELDS` that a release of the standard may have: a field of its own goes before."""
    return {name: field for name, field in HUB_FIELDS.items() if name not in standard.fields}


def good_until(standard: Standard, view: pl.DataFrame) -> str | None:
    """The last day (2026-01-31) on which all records of the view may be shown; None: no end.

    It is the earliest `disclosed_until` of the hub.
    """
    if DISCLOSED_UNTIL not in view.columns or DISCLOSED_UNTIL not in hub_fields(standard):
        return None
    first = view[DISCLOSED_UNTIL].cast(pl.String).min()
    return None if first is None else str(first)


def arranged(standard: Standard, view: pl.DataFrame) -> pl.DataFrame:
    """The release's columns and nothing else, newest record first.

    Sorted by the date of the standard's roles, descending, then by record id, so that the same
    records always give the same bytes. A column that isn't public can't pass. Raises ValueError
    where record ids are missing or repeated, which is a mistake of the caller.
    """
    ids = view[RECORD_ID]
    if ids.null_count() or ids.n_unique() != ids.len():
        raise ValueError(f"record ids of {standard.dataset} are missing or repeated")
    names = list(release_columns(standard, view))
    days = [n for n in (PUBLISHED_ON, DISCLOSED_UNTIL) if n in names and n not in standard.fields]
    view = view.with_columns(pl.col(days).cast(pl.String))  # they may come as dates
    date = standard.roles.date
    by = [date, RECORD_ID] if date in names else [RECORD_ID]
    down = [name != RECORD_ID for name in by]
    return view.select(names).sort(by, descending=down, nulls_last=True)
