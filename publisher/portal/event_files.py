"""A subject's records as files: a table for spreadsheets, and JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import polars as pl

from publisher.formats.excel_csv import inert, text_kept
from publisher.portal import shown
from publisher.portal.addresses import permanent
from publisher.portal.events import Event
from publisher.portal.pages import disclaimers, library
from publisher.portal.speech import text

BETWEEN = "；"


def as_csv(events: Sequence[Event], titles: Mapping[str, str], chinese: bool) -> bytes:
    """One row per record, with a BOM, and cells that no spreadsheet calculates or rounds."""
    rows = [_row(one, titles, chinese) for one in events]
    headings = _headings()
    frame = pl.DataFrame(rows, schema=dict.fromkeys(headings, pl.String), orient="row")
    day = headings[0]
    cells = [
        inert(pl.col(name)) if name == day else text_kept(inert(pl.col(name))) for name in headings
    ]
    return b"\xef\xbb\xbf" + frame.select(cells).write_csv(line_terminator="\r\n").encode()


def _headings() -> list[str]:
    return [
        text("Date"), text("Dataset"), text("Name"), text("Part in it"), text("Kind of record"),
        text("Amounts"), text("Department"), text("Document number"), text("The whole record"),
        text("Permanent address"),
    ]  # fmt: skip


def _row(event: Event, titles: Mapping[str, str], chinese: bool) -> tuple[str | None, ...]:
    hit = event.hit
    return (
        hit.date,
        titles.get(hit.dataset, hit.dataset),
        hit.name,
        BETWEEN.join(event.roles) or None,
        event.kinds or None,
        BETWEEN.join(f"{what} {amount}" for what, amount in event.amounts) or None,
        hit.department,
        hit.document,
        _whole(event, chinese),
        address(event),
    )


def _whole(event: Event, chinese: bool) -> str:
    standard = library().catalogue.get(event.hit.dataset)
    cells = shown.cells(standard, dict(event.record), chinese)
    return BETWEEN.join(f"{cell.title}：{cell.value}" for cell in cells)


def as_json(code: str, name: str, events: Sequence[Event], titles: Mapping[str, str]) -> bytes:
    """The subject and its records as released, the newest first."""
    told: dict[str, Any] = {
        "code": code,
        "name": name,
        "total": len(events),
        "notes": disclaimers(one.hit.dataset for one in events),
        "records": [
            {
                "date": one.hit.date,
                "dataset": one.hit.dataset,
                "dataset_title": titles.get(one.hit.dataset, one.hit.dataset),
                "roles": list(one.roles),
                "address": address(one),
                "record": dict(one.record),
            }
            for one in events
        ],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def address(event: Event) -> str:
    """The record's permanent address."""
    hit = event.hit
    return permanent("pages.record", dataset=hit.dataset, record_id=hit.record_id)
