"""The audit log as files: CSV that a spreadsheet opens safely, and JSON Lines for programs.

Both end with the head of the log, so that who keeps the file can prove later what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Engine, select

from hub.audit.chain import FIELDS, Head
from hub.audit.log import Wanted, told_of
from hub.audit.tables import audit_entry
from hub.database import look
from publisher.formats.excel_csv import inert

COLUMNS = (*FIELDS, "digest")
BLOCK = 5_000  # entries that are read at a time
FORMS = ("csv", "jsonl")
HEAD = "head"  # the act of CSV's last row
_BOM = b"\xef\xbb\xbf"


def blocks(engine: Engine, wanted: Wanted, last: int) -> Iterator[list[dict[str, Any]]]:
    """The wanted entries up to number `last`, the oldest first, as `log.entries` tells them."""
    after = 0
    condition = wanted.condition() & (audit_entry.c.number <= last)
    while True:
        query = select(audit_entry).where(condition, audit_entry.c.number > after)
        query = query.order_by(audit_entry.c.number).limit(BLOCK)
        with look(engine) as connection:
            rows = [told_of(row) for row in connection.execute(query).mappings()]
        if not rows:
            return
        yield rows
        after = rows[-1]["number"]


def written(form: str, found: Iterable[list[dict[str, Any]]], head: Head) -> Iterator[bytes]:
    """The file of one of `FORMS`, piece by piece."""
    return _csv(found, head) if form == "csv" else _jsonl(found, head)


def _csv(found: Iterable[list[dict[str, Any]]], head: Head) -> Iterator[bytes]:
    yield _BOM + ",".join(COLUMNS).encode() + b"\r\n"
    for rows in found:
        yield _lines([_flat(row) for row in rows])
    yield _lines([{"number": str(head.number), "act": HEAD, "digest": head.digest}])


def _flat(row: dict[str, Any]) -> dict[str, str | None]:
    details = orjson.dumps(row["details"], option=orjson.OPT_SORT_KEYS).decode()
    cells = {**row, "number": str(row["number"]), "details": details}
    return {name: cells[name] for name in COLUMNS}


def _lines(rows: list[dict[str, str | None]]) -> bytes:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String))
    guarded = frame.select("number", inert(pl.exclude("number")))
    return guarded.write_csv(include_header=False, line_terminator="\r\n").encode()


def _jsonl(found: Iterable[list[dict[str, Any]]], head: Head) -> Iterator[bytes]:
    for rows in found:
        yield b"".join(orjson.dumps({n: row[n] for n in COLUMNS}) + b"\n" for row in rows)
    last = {"number": head.number, "digest": head.digest, "first": head.first}
    yield orjson.dumps({HEAD: last}) + b"\n"
