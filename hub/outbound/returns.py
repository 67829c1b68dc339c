"""What the province returns (the dataset provincial_return), and what follows from it.

Nothing of it changes a record: a correction is a task for the department whose record it is, which
corrects it where it comes from; a result of credit repair goes into the open application, where there
is one, and else is a task for the department's handler.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import ledger
from hub.instant import utc_now
from hub.ledger_erasing import NOTHING
from hub.outbound.returned_records import find_records
from hub.outbound.tables import (
    CASE,
    DONE,
    OPEN,
    REPAIR_RESULT,
    provincial_cursor,
    provincial_task,
)
from hub.tables import dataset
from hub.tables_of_filings import OPEN as OPEN_FILINGS
from hub.tables_of_filings import REPAIR, filing
from hub.tables_of_runs import notice

DATASET = "provincial_return"
AT_ONCE = 1_000  # revisions
_HUB = "hub"


def behind(connection: Connection) -> bool:
    """Whether something was returned that nothing followed from yet."""
    return ledger.head_seq(connection, DATASET) > _cursor(connection)


def follow(connection: Connection, catalogue: Catalogue) -> int:
    """Open a task for each return that came since; returns how many.

    In the caller's transaction, with the cursor: each is followed once.
    """
    found = ledger.entries(connection, DATASET, _cursor(connection), AT_ONCE)
    if not found:
        return 0
    last = {entry.key: entry for entry in found}  # what it said of a return before doesn't count
    _overtake(connection, list(last))
    said = [
        {**orjson.loads(entry.content), "_seq": entry.seq, "_key": entry.key}
        for entry in last.values()
        if entry.content not in (None, NOTHING.encode())
    ]
    for name in dict.fromkeys(one["dataset"] for one in said):
        _open_all(connection, catalogue, name, [one for one in said if one["dataset"] == name])
    _move(connection, found[-1].seq)
    return len(said)


def _cursor(connection: Connection) -> int:
    mine = provincial_cursor.c.dataset == DATASET
    return int(connection.scalar(select(provincial_cursor.c.seq).where(mine)) or 0)


def _move(connection: Connection, seq: int) -> None:
    mine = provincial_cursor.c.dataset == DATASET
    changed = connection.execute(update(provincial_cursor).where(mine).values(seq=seq))
    if not changed.rowcount:
        connection.execute(insert(provincial_cursor).values(dataset=DATASET, seq=seq))


def _overtake(connection: Connection, keys: Sequence[str]) -> None:
    """A return that comes again, or is taken back, ends what was open of it."""
    has = provincial_task.c
    open_ones = has.return_id.in_(keys) & (has.state != DONE)
    ended = {"state": DONE, "closed_by": _HUB, "closed_at": utc_now(), "note": "superseded"}
    connection.execute(update(provincial_task).where(open_ones).values(ended))


def _open_all(
    connection: Connection, catalogue: Catalogue, name: str, said: Sequence[dict[str, Any]]
) -> None:
    try:
        standard = catalogue.get(name)
    except Misdeclared:  # the province names a dataset that isn't ours: a task all the same
        for one in said:
            _open(connection, one, {}, DATASET, {})
        return
    known = {row["asked"]: row for row in find_records(connection, standard, said).to_dicts()}
    ours = {field.code: field.name for field in standard.fields.values() if field.code}
    for place, one in enumerate(said):
        _open(connection, one, known.get(place, {}), standard.department, ours)


def _open(
    connection: Connection,
    one: Mapping[str, Any],
    record: Mapping[str, Any],
    department: str,
    ours: Mapping[str, str],
) -> None:
    """`record` is ours that is meant, empty where none is known; `ours` maps the province's columns to
    our fields."""
    case = _open_filing(connection, one, record)
    row = {
        "return_id": one["_key"],
        "seq": one["_seq"],
        "kind": one["kind"],
        "dataset": one["dataset"],
        "document": one["doc_no"],
        "record_id": record.get("record_id"),
        "record_key": record.get("key"),
        "department": record.get("department") or department,
        "corrections": json.dumps(_corrections(one, ours), ensure_ascii=False),
        "decision": one["decision"],
        "decided_on": one["decided_on"],
        "basis": one.get("document"),
        "filing_id": case,
        "state": OPEN if case is None else CASE,
        "opened_at": utc_now(),
    }
    connection.execute(insert(provincial_task).values(row))
    if record.get("feed_id") is not None:
        _tell(connection, one, int(record["feed_id"]))


def _corrections(one: Mapping[str, Any], ours: Mapping[str, str]) -> dict[str, str]:
    """Field → what it should be. Where there aren't as many values as fields, nobody can say which is
    whose: then all of them stand together."""
    fields = [ours.get(name, name) for name in one.get("fields", ())]
    values = list(one.get("values", ()))
    if len(fields) != len(values):
        return {";".join(fields): ";".join(values)}
    return dict(zip(fields, values, strict=True))


def _open_filing(
    connection: Connection, one: Mapping[str, Any], record: Mapping[str, Any]
) -> int | None:
    """The open application for repair of the record, which learns what the province decided."""
    if one["kind"] != REPAIR_RESULT or not record.get("record_id"):
        return None
    query = (
        select(filing.c.id, filing.c.findings)
        .join(dataset, dataset.c.id == filing.c.dataset_id)
        .where(
            dataset.c.name == one["dataset"],
            filing.c.record_id == record["record_id"],
            filing.c.kind == REPAIR,
            filing.c.state.in_(OPEN_FILINGS),
        )
        .order_by(filing.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    told = {name: one.get(name) for name in ("decision", "decided_on", "document", "reason")}
    findings = {**orjson.loads(row.findings), "province": told}
    mine = filing.c.id == row.id
    connection.execute(update(filing).where(mine).values(findings=orjson.dumps(findings).decode()))
    return int(row.id)


def _tell(connection: Connection, one: Mapping[str, Any], feed_id: int) -> None:
    words = {"dataset": str(one["dataset"]), "kind": str(one["decision"])}
    told = Issue("return_opened", value=str(one["doc_no"]), params=words)
    row = {
        "feed_id": feed_id,
        "code": told.code,
        "value": told.value,
        "params": json.dumps(dict(told.params), ensure_ascii=False),
        "created_at": utc_now(),
    }
    connection.execute(insert(notice).values(row))
