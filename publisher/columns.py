"""The columns of a release: the permanent record id, the public fields, the day of publication."""

from __future__ import annotations

import polars as pl

from exchange_schemas.standard import Field, Standard

RECORD_ID = "record_id"
PUBLISHED_ON = "published_on"


def _own(name: str, title: str, title_en: str, kind: str, note: str) -> Field:
    required = name == RECORD_ID
    return Field(name, title, title_en, kind, "public", required, False, {}, note=note)


_STANDS = "记录的永久标识，不随内容变化；门户中的地址由它组成"
RECORD_ID_FIELD = _own(RECORD_ID, "记录标识", "Record id", "string", _STANDS)
_FIRST = "记录首次向社会公示的日期"
PUBLISHED_ON_FIELD = _own(PUBLISHED_ON, "公示日期", "Published on", "date", _FIRST)


def release_columns(standard: Standard, view: pl.DataFrame) -> dict[str, Field]:
    """The fields that a release of `view` has, in order.

    `published_on` is there when the view has it and the standard has no such field of its own.
    """
    columns = {RECORD_ID: RECORD_ID_FIELD, **standard.fields_for("public")}
    if PUBLISHED_ON in view.columns:
        columns.setdefault(PUBLISHED_ON, PUBLISHED_ON_FIELD)
    return columns


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
    date = standard.roles.date
    by = [date, RECORD_ID] if date in names else [RECORD_ID]
    down = [name != RECORD_ID for name in by]
    return view.select(names).sort(by, descending=down, nulls_last=True)
