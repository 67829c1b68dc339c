"""What each page shows: plain values for its template, by the place of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from hub.answering import Answering
from hub.exchange import refusal_answers, takes
from hub.exchange.erasure_answers import erasures
from hub.exchange.overview import Standing, overview
from hub.exchange.tables import exchange_view
from hub.exchange.tables_of_receipts import ANSWERED, OPEN, receipt_range
from hub.grants.tables import consumer_grant, consumer_key
from hub.site import Site
from hub.tables import consumer as consumer_table
from hub.tables import dataset as dataset_table
from hub.web.exchange_site import charts

Values = dict[str, Any]
SHOWN = 200  # ranges of a page

_CONSUMER = re.compile(r"consumers/([1-9][0-9]{0,8})\.html")
_DATASET = re.compile(r"datasets/([a-z][a-z0-9_]{0,63})\.html")


@dataclass(frozen=True, slots=True)
class Board:
    """Whose pages they are: all datasets, or those of one department."""

    site: Site
    catalogue: Catalogue
    department: str | None = None

    def datasets(self) -> list[str]:
        """The datasets that may be seen here. A department sees its own: those that it answers for
        today."""
        names = self.catalogue.datasets()
        if self.department is None:
            return names
        answering = Answering(today())
        mine = answering.code(self.department)
        return [n for n in names if answering.code(self.catalogue.get(n).department) == mine]


def page(
    connection: Connection, board: Board, place: str, rows: list[Standing] | None = None
) -> tuple[str, Values] | None:
    """The template and the values of the page at a place; None where there is no such page, or not for
    this department. `rows` is what `seen` gives, for who makes many pages: it reads the whole log."""
    named = {"refusals.html": _refusals, "erasures.html": _erasures}
    if place in named:
        return place, named[place](connection, board)
    rows = seen(connection, board) if rows is None else rows
    if place == "index.html":
        return place, _index(rows)
    if (found := _DATASET.fullmatch(place)) and found[1] in board.datasets():
        return "dataset.html", _dataset(connection, rows, found[1])
    if found := _CONSUMER.fullmatch(place):
        values = _consumer(connection, board, rows, int(found[1]))
        return ("consumer.html", values) if values else None
    return None


def places(connection: Connection, board: Board) -> Iterator[str]:
    """All pages but the search."""
    yield from ("index.html", "refusals.html", "erasures.html")
    rows = seen(connection, board)
    yield from (f"datasets/{name}.html" for name in sorted({one.dataset for one in rows}))
    yield from (f"consumers/{one}.html" for one in sorted({one.consumer_id for one in rows}))


def seen(connection: Connection, board: Board) -> list[Standing]:
    """The consumers and streams that the board may show."""
    mine = set(board.datasets())
    return [one for one in overview(connection) if one.dataset in mine]


def _row(one: Standing) -> Values:
    """A standing with its bar: what it took, refused, erased, is silent on and wasn't given yet."""
    parts = {
        "taken": one.taken, "refused": one.refused, "erased": one.erased, "late": one.late,
        "silent": one.silent - one.late,
    }  # fmt: skip
    return {"is": one, "bar": charts.shares(parts, max(one.size, one.given))}


def _index(rows: list[Standing]) -> Values:
    return {
        "rows": [_row(one) for one in rows],
        "consumers": len({one.consumer_id for one in rows}),
        "datasets": len({one.dataset for one in rows}),
        "to_answer": sum(one.to_answer for one in rows),
        "late": sum(one.late for one in rows),
    }


def _dataset(connection: Connection, rows: list[Standing], name: str) -> Values:
    has = receipt_range.c
    query = (
        select(
            consumer_table.c.name.label("consumer"), has.consumer_id,
            exchange_view.c.name.label("view"), has.first_seq, has.last_seq, has.state, has.code,
            has.reason,
        )
        .join(consumer_table, consumer_table.c.id == has.consumer_id)
        .join(exchange_view, exchange_view.c.id == has.view_id)
        .join(dataset_table, dataset_table.c.id == has.dataset_id)
        .where(dataset_table.c.name == name)
        .order_by(consumer_table.c.name, has.last_seq.desc())
        .limit(SHOWN)
    )  # fmt: skip
    days = takes.by_day(connection, name)
    return {
        "dataset": name,
        "rows": [_row(one) for one in rows if one.dataset == name],
        "ranges": [dict(row) for row in connection.execute(query).mappings()],
        "shown": SHOWN,
        "columns": charts.columns(days),
        "days": [(day, value) for day, value in days if value],
    }


def _consumer(
    connection: Connection, board: Board, rows: list[Standing], number: int
) -> Values | None:
    names = board.datasets()
    query = select(consumer_table).where(consumer_table.c.id == number)
    row = connection.execute(query).mappings().first()
    mine = [one for one in rows if one.consumer_id == number]
    if row is None or (board.department is not None and not mine):
        return None
    return {
        "consumer": {name: row[name] for name in ("id", "name", "audience", "revoked_at")},
        "rows": [_row(one) for one in mine],
        "grants": _grants(connection, number, names),
        "keys": _keys(connection, number) if board.department is None else None,
        "log": takes.latest(connection, number, names),
        "messages": takes.messages(connection, number, names),
    }


def _grants(connection: Connection, number: int, names: list[str]) -> list[Mapping[str, Any]]:
    of = consumer_grant.c
    query = (
        select(
            of.dataset, of.audience, of.purpose, of.legal_basis, of.valid_from, of.valid_until,
            of.receipts_within_hours, of.state,
        )
        .where(of.consumer_id == number, of.dataset.in_(names))
        .order_by(of.dataset, of.id)
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()]


def _keys(connection: Connection, number: int) -> list[Mapping[str, Any]]:
    """Ids and days of the consumer's keys: nothing by which a request could be made."""
    of = consumer_key.c
    query = select(of.keyid, of.kind, of.valid_from, of.valid_until, of.revoked_at)
    rows = connection.execute(query.where(of.consumer_id == number).order_by(of.id)).mappings()
    return [dict(row) for row in rows]


def _refusals(connection: Connection, board: Board) -> Values:
    def listed(state: str) -> list[Values]:
        return refusal_answers.listing(
            connection, board.catalogue, board.department, (state,), 0, SHOWN
        )

    return {
        "open": listed(OPEN),
        "answered": listed(ANSWERED),
        "counts": refusal_answers.counts(connection, board.catalogue, board.department),
        "shown": SHOWN,
    }


def _erasures(connection: Connection, board: Board) -> Values:
    return {"erasures": erasures(connection, board.datasets())}
