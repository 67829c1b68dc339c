"""The columns of a release: the permanent record id, the public fields, and what the hub adds.

The hub adds the first and the last day on which a record is public, and whether it is objected to.
The release adds a salt to each record, so that digests of what was erased can't be guessed at.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exchange_schemas.standard import Field, Standard

RECORD_ID = "record_id"
PUBLISHED_ON = "published_on"
DISCLOSED_UNTIL = "disclosed_until"
OBJECTION = "objection"
SALT = "salt"


def _own(name: str, title: str, title_en: str, kind: str, note: str) -> Field:
    required = name in (RECORD_ID, SALT)
    return Field(name, title, title_en, kind, "public", required, False, {}, note=note)


_STANDS = "记录的永久标识，不随内容变化；门户中的地址由它组成"
RECORD_ID_FIELD = _own(RECORD_ID, "记录标识", "Record id", "string", _STANDS)
_FIRST = "记录首次向社会公示的日期"
PUBLISHED_ON_FIELD = _own(PUBLISHED_ON, "公示日期", "Published on", "date", _FIRST)
_LAST = "记录向社会公示的最后一日，期满次日起不再公示；空：期限未定"
DISCLOSED_UNTIL_FIELD = _own(DISCLOSED_UNTIL, "公示期至", "Disclosed until", "date", _LAST)
_OBJECTED = "“异议处理中”：当事人对记录提出异议，正在核实；空：没有"
OBJECTION_FIELD = _own(OBJECTION, "异议状态", "Objection", "string", _OBJECTED)

_GUARDS = "随机数，使摘要无法被猜测；记录内容不变则不变"
SALT_FIELD = _own(SALT, "校验盐", "Salt", "string", _GUARDS)

# What a view may have beside the fields of its standard, in the order of a release's columns.
HUB_FIELDS = {
    field.name: field for field in (PUBLISHED_ON_FIELD, DISCLOSED_UNTIL_FIELD, OBJECTION_FIELD)
}


def release_columns(standard: Standard, view: pl.DataFrame) -> dict[str, Field]:
    """The fields that a release of `view` has, in order.

    Each of `HUB_FIELDS` is there when the view has it and the standard has no such field of its own.
    """
    hub = {n: f for n, f in hub_fields(standard).items() if n in view.columns}
    public = standard.fields_for("public")
    return {RECORD_ID: RECORD_ID_FIELD, **public, **hub, SALT: SALT_FIELD}


def columns_named(standard: Standard, names: Sequence[str]) -> dict[str, Field]:
    """The fields of a release that has the columns `names`, in order."""
    known = {RECORD_ID: RECORD_ID_FIELD, **HUB_FIELDS, SALT: SALT_FIELD, **standard.fields}
    return {name: known[name] for name in names}


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


def taken(standard: Standard, view: pl.DataFrame) -> pl.DataFrame:
    """The release's columns but the salt, and nothing else: a column that isn't public can't pass.

    Raises ValueError as `checked` does.
    """
    checked(standard, view)
    names = [name for name in release_columns(standard, view) if name != SALT]
    days = [n for n in (PUBLISHED_ON, DISCLOSED_UNTIL) if n in names and n not in standard.fields]
    return view.with_columns(pl.col(days).cast(pl.String)).select(names)  # they may come as dates


def checked(standard: Standard, view: pl.DataFrame) -> None:
    """Raises ValueError where record ids are missing or repeated, which is a mistake of the caller."""
    ids = view[RECORD_ID]
    if ids.null_count() or ids.n_unique() != ids.len():
        raise ValueError(f"record ids of {standard.dataset} are missing or repeated")


def arranged(standard: Standard, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a release in its order: newest first, by the date of the standard's roles, then
    by record id, so that the same records always stand in the same places."""
    date = standard.roles.date
    by = [date, RECORD_ID] if date in rows.columns else [RECORD_ID]
    return rows.sort(by, descending=[name != RECORD_ID for name in by], nulls_last=True)
