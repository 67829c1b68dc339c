"""A page of a queue, and how many there are: read lane by lane in the order of one index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)

from hub.inbox import MOST, PAGE, SHOWN, WEEK, Lane, Place, Wanted
from hub.tables import dataset
from hub.tables_of_review import disclosure

Row = dict[str, Any]
_ID = re.compile(r"[0-9a-f]{16}")  # a record's id


def chosen(found: Sequence[Lane], wanted: Wanted) -> list[Lane]:
    """The lanes in which what is wanted can be."""
    return [
        lane
        for lane in found
        if wanted.dataset in ("", lane.dataset) and wanted.department in ("", lane.department)
    ]


def page(
    connection: Connection,
    found: Sequence[Lane],
    wanted: Wanted,
    day: date,
    after: Place | None = None,
    limit: int = PAGE,
) -> list[Row]:
    """The first `limit` disclosures after a place, most urgent first: `SHOWN`, and `dataset`, its name."""
    mine = chosen(found, wanted)
    places: list[Place] = []
    if not mine:
        return []
    if (after is None or after.publish_by is not None) and wanted.due != "none":
        dated = [_dated(lane, wanted, day, after, limit) for lane in mine]
        places = _merged(connection, dated, limit)
        after = None
    if len(places) < limit and wanted.due in ("", "none"):
        left = limit - len(places)
        undated = [_undated(lane, wanted, day, after, left) for lane in mine]
        places += _merged(connection, undated, left)
    return _rows(connection, places)


def _merged(connection: Connection, parts: Sequence[Select[Any]], limit: int) -> list[Place]:
    """Only what the index has: rows are looked up once it is known which ones they are."""
    whole = union_all(*(select(part.subquery()) for part in parts)).subquery()
    order = (whole.c.publish_by, whole.c.record_id, whole.c.dataset_id)
    query = select(*order).order_by(*order).limit(limit)
    return [Place(*row) for row in connection.execute(query)]


def _rows(connection: Connection, places: Sequence[Place]) -> list[Row]:
    if not places:
        return []
    one = disclosure.c
    # One by one in the index of ids: of a list of them SQLite would rather read the whole dataset.
    named = union_all(
        *(
            select(literal(place.number).label("number"), literal(place.record_id).label("id"))
            for place in places
        )
    ).subquery("named")
    query = (
        select(dataset.c.name.label("dataset"), *(one[name] for name in SHOWN))
        .select_from(named)
        .join(disclosure, (one.dataset_id == named.c.number) & (one.record_id == named.c.id))
        .join(dataset, dataset.c.id == one.dataset_id)
    )
    rows = connection.execute(query).mappings()
    found = {(r["dataset_id"], r["record_id"]): {str(n): v for n, v in r.items()} for r in rows}
    return [found[place.number, place.record_id] for place in places]


def _dated(lane: Lane, wanted: Wanted, day: date, after: Place | None, limit: int) -> Select[Any]:
    one = disclosure.c
    query = _of(lane, wanted, day).where(one.publish_by.is_not(None))
    if after is not None:
        place = tuple_(one.publish_by, one.record_id)
        told = tuple_(literal(after.publish_by), literal(after.record_id))
        # of two datasets' records of one day and id, the one of the higher number comes after
        query = query.where(place >= told if lane.number > after.number else place > told)
    return query.order_by(one.publish_by, one.record_id).limit(limit)


def _undated(
    lane: Lane, wanted: Wanted, day: date, after: Place | None, limit: int
) -> Select[Any]:
    one = disclosure.c
    query = _of(lane, wanted, day).where(one.publish_by.is_(None))
    if after is not None:
        told = after.record_id
        later = one.record_id >= told if lane.number > after.number else one.record_id > told
        query = query.where(later)
    return query.order_by(one.record_id).limit(limit)


def _of(lane: Lane, wanted: Wanted, day: date) -> Select[Any]:
    one = disclosure.c
    query = select(one.publish_by, one.record_id, one.dataset_id)
    return query.where(*_conditions(lane, wanted, day))


def _conditions(lane: Lane, wanted: Wanted, day: date) -> list[ColumnElement[bool]]:
    one = disclosure.c
    found: list[ColumnElement[bool]] = [
        one.dataset_id == lane.number,
        one.state == lane.state,
        one.department == lane.department,
        *due(wanted.due, day),
    ]
    if _ID.fullmatch(wanted.text):
        found.append(one.record_id == wanted.text)
    elif wanted.text:
        found.append(one.key.contains(wanted.text, autoescape=True))
    return found


def due(word: str, day: date) -> list[ColumnElement[bool]]:
    """The conditions on `disclosure` for one of `DUE`, on a day."""
    by, today = disclosure.c.publish_by, day.isoformat()
    week = (day + timedelta(days=WEEK)).isoformat()
    known: dict[str, list[ColumnElement[bool]]] = {
        # the term of what is on hold rests
        "overdue": [by < today, disclosure.c.hold.is_(None)],
        "today": [by == today],
        "week": [by >= today, by <= week],
        "later": [by > week],
        "none": [by.is_(None)],
    }
    return known.get(word, [])


def count(
    connection: Connection,
    found: Sequence[Lane],
    wanted: Wanted,
    day: date,
    *more: ColumnElement[bool],
    most: int = MOST,
) -> int:
    """How many there are, up to `most` + 1: then there are more."""
    mine = chosen(found, wanted)
    if not mine:
        return 0
    lists = [
        select(
            select(literal_column("1").label("one"))
            .where(*_conditions(lane, wanted, day), *more)
            # in the order of the index of queues, so that no database reads the table instead
            .order_by(disclosure.c.publish_by, disclosure.c.record_id)
            .limit(most + 1)
            .subquery()
        )
        for lane in mine
    ]
    whole: Subquery = union_all(*lists).limit(most + 1).subquery()
    return int(connection.scalar(select(func.count()).select_from(whole)) or 0)


def not_by(act: str, person: str) -> list[ColumnElement[bool]]:
    """The conditions on `disclosure` under which that person may do the act: two people, and no hold."""
    one = disclosure.c
    found: list[ColumnElement[bool]] = [one.hold.is_(None)]
    found.append(one.author.is_(None) | (one.author != person))
    if act == "approve":
        found.append(one.reviewed_by != person)
    return found
