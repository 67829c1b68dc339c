"""Erasure: content that the law wants gone leaves the ledger and all streams, and nothing else moves.

For records that are no longer living and for superseded revisions, by somebody who may approve for the
department whose records they are. Sizes, roots and proofs stay; consumers that took the entries are
told, and confirm by a receipt or by confirming the notice.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, Engine, func, insert, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import ledger, ledger_erasing, people
from hub.analysis import columns
from hub.analysis.asking import ask_for
from hub.database import create_tables, write
from hub.exchange.appending import lock
from hub.exchange.receipt_erasing import forget_reasons
from hub.exchange.rewriting import take_out
from hub.exchange.sealed_files import alone, sweep
from hub.exchange.tables import exchange_erasure, exchange_view
from hub.exchange.views import View, views_of
from hub.instant import utc_now
from hub.ledger_erasing import Chosen
from hub.site import Site
from hub.states import APPROVER, SHOWABLE
from hub.subjects import index
from hub.tables import dataset, exchange_log
from hub.tables_of_review import decision, disclosure, holder_notice, move

ACT = "erase"  # of the decision and of the notices
REASON = "erased_by_law"  # its code


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants what erased, why, and by which law. `keys` are records as a whole, by the ledger's
    key; `seqs` single revisions that were superseded."""

    dataset: str
    actor: str
    reason: str
    legal_basis: str
    keys: Sequence[str] = ()
    seqs: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased: `records` as a whole, `entries` of the ledger; `streams` are the views of which
    entries lost their content, with how many; `notices` went to consumers."""

    id: int
    records: int
    entries: int
    streams: dict[str, int]
    notices: int


def erase(site: Site, engine: Engine, catalogue: Catalogue, order: Order) -> Erasure:
    """Carry an order out, whole or not at all; killed behind its commit it leaves files that the next
    one who seals sweeps.

    Raises Misdeclared (dataset_unknown, erasure_empty, erasure_unknown), Refused (role_missing,
    erasure_unexplained, erasure_living, erasure_public), Corrupt (stream_wrong).
    """
    _check(order)
    department = catalogue.get(order.dataset).department
    create_tables(engine)
    with engine.connect() as connection:
        people.check(connection, order.actor, APPROVER, department)
    done = None
    while done is None:
        with engine.connect() as connection:
            views = views_of(connection, order.dataset)
        with ExitStack() as stack:
            for view in views:
                stack.enter_context(alone(site, view))
            done = _in_all(site, engine, views, order, department)
    return done


def _in_all(
    site: Site, engine: Engine, views: list[View], order: Order, department: str
) -> Erasure | None:
    """Carry it out in the ledger and these streams; None where there are other ones by now."""
    with write(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")  # nothing in free pages
        # Not as a run locks it: nobody can make another view of the dataset meanwhile.
        connection.execute(
            select(dataset.c.id).where(dataset.c.name == order.dataset).with_for_update()
        )
        if views_of(connection, order.dataset) != views:
            return None
        done = _carry_out(site, connection, views, order, department)
        if index.read(site).built:
            ask_for(connection, "subjects")
    with engine.connect() as connection:
        columns.forget(site, connection, order.dataset)
        index.forget(site, connection)
        for view in views:
            sweep(site, connection, view)
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return done


def _check(order: Order) -> None:
    if not order.keys and not order.seqs:
        raise Misdeclared(Issue("erasure_empty", value=order.dataset))
    for field in ("reason", "legal_basis"):
        if not str(getattr(order, field)).strip():
            raise Refused(Issue("erasure_unexplained", field=field))


def _carry_out(
    site: Site, connection: Connection, views: list[View], order: Order, department: str
) -> Erasure:
    number = ledger.dataset_id(connection, order.dataset)
    for view in views:
        lock(connection, view)
    chosen = _chosen(connection, number, order)
    decision_id = _decide(connection, number, order, department, chosen)
    row = {
        "dataset_id": number, "decision_id": decision_id, "records": len(chosen.keys),
        "entries": chosen.rows.height, "at": utc_now(),
    }  # fmt: skip
    made = insert(exchange_erasure).values(row).returning(exchange_erasure.c.id)
    erasure_id = int(connection.scalar(made) or 0)
    notices = _tell(
        connection, number, decision_id, chosen
    )  # while the keys still say whose it is
    streams = {
        view.name: take_out(site, connection, view, chosen.seqs)
        for view in views
        if view.audience != "public"  # its own releases took it back
    }
    ledger_erasing.erase(connection, number, chosen, erasure_id)
    forget_reasons(connection, number, chosen.seqs.to_list())
    return Erasure(
        erasure_id, len(chosen.keys), chosen.rows.height,
        {name: count for name, count in streams.items() if count}, notices,
    )  # fmt: skip


def _chosen(connection: Connection, number: int, order: Order) -> Chosen:
    rows = ledger_erasing.revisions_of(connection, number, list(order.keys), list(order.seqs))
    asked = [key for key in order.keys if key not in set(rows["key"])]
    missing = asked + [str(seq) for seq in order.seqs if seq not in set(rows["seq"])]
    words = {"dataset": order.dataset}
    if missing:
        raise Misdeclared(Issue("erasure_unknown", value=missing[0], params=words))
    alive = ledger_erasing.living(connection, number, rows, list(order.keys))
    if alive:
        raise Refused(Issue("erasure_living", value=str(alive[0]), params=words))
    public = _public(connection, number, rows, order)
    if public is not None:
        raise Refused(Issue("erasure_public", value=public, params=words))
    return Chosen(rows, tuple(dict.fromkeys(order.keys)))


def _public(connection: Connection, number: int, rows: pl.DataFrame, order: Order) -> str | None:
    """The id of a record of which a release shows, or may show, what is to be erased."""
    mine = (disclosure.c.dataset_id == number) & disclosure.c.state.in_(SHOWABLE)
    whole = disclosure.c.key.in_(list(order.keys))
    shown = disclosure.c.approved_seq.in_(rows["seq"].to_list())
    query = select(disclosure.c.record_id).where(mine, whole | shown).limit(1)
    return connection.scalar(query)


def _decide(
    connection: Connection, number: int, order: Order, department: str, chosen: Chosen
) -> int:
    row = {
        "dataset_id": number, "act": ACT, "actor": order.actor, "department": department,
        "reason_code": REASON, "reason": order.reason, "legal_basis": order.legal_basis,
        "rule": "erasure", "records": len(chosen.keys), "decided_at": utc_now(),
        "after_move": select(func.coalesce(func.max(move.c.id), 0)).scalar_subquery(),
    }  # fmt: skip
    return int(connection.scalar(insert(decision).values(row).returning(decision.c.id)) or 0)


def _tell(connection: Connection, number: int, decision_id: int, chosen: Chosen) -> int:
    """A notice for each consumer and entry that it took; returns how many."""
    public = select(exchange_view.c.id).where(exchange_view.c.audience == "public")
    log = exchange_log.c
    ledgers = log.view_id.is_(None) | log.view_id.not_in(public)  # whose numbers are the ledger's
    ids = _record_ids(connection, number, chosen)
    told = []
    for seq, key in chosen.rows.select("seq", "key").iter_rows():
        within = (log.after_seq < seq) & (log.last_seq >= seq)
        takers = (
            select(log.consumer_id).where(log.dataset_id == number, within, ledgers).distinct()
        )
        same = {
            "dataset_id": number, "record_id": ids.get(key, ""), "seq": seq,
            "decision_id": decision_id,
        }  # fmt: skip
        told += [{"consumer_id": one, **same} for one in connection.scalars(takers)]
    if told:
        connection.execute(insert(holder_notice), told)
    return len(told)


def _record_ids(connection: Connection, number: int, chosen: Chosen) -> dict[str, str]:
    keys = chosen.rows["key"].unique().to_list()
    mine = (disclosure.c.dataset_id == number) & disclosure.c.key.in_(keys)
    query = select(disclosure.c.key, disclosure.c.record_id).where(mine)
    return {row.key: row.record_id for row in connection.execute(query)}
