"""Who holds a record that stopped being public: consumers are told, and confirm.

Repair and withdrawal end the use of a record everywhere, not only on the portal (信用修复管理办法,
in force 2026-04-01: results are synchronised to every place that shows them).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Integer, func, insert, literal, select, update

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.confirmations import confirmed_at, surface_of
from hub.instant import utc_now
from hub.states import PUBLIC
from hub.tables import consumer, dataset, exchange_log, revision
from hub.tables_of_copies import ckan_copy
from hub.tables_of_review import decision, disclosure, holder_notice, move


def tell(connection: Connection, decision_id: int) -> int:
    """Note for each consumer of the dataset which records the decision took from the public; returns
    how many notices."""
    # Whoever took entries of the dataset may have the record in any of its revisions: told too often
    # is better than not at all.
    takers = select(exchange_log.c.consumer_id, exchange_log.c.dataset_id).distinct().subquery()
    first = select(decision.c.after_move).where(decision.c.id == decision_id)
    left = (
        select(
            takers.c.consumer_id,
            move.c.dataset_id,
            move.c.record_id,
            move.c.seq,
            literal(decision_id, Integer),
        )
        .join(takers, takers.c.dataset_id == move.c.dataset_id)
        .where(
            # The moves of a decision are the last ones of all: none has to be looked for.
            move.c.id > first.scalar_subquery(),
            move.c.decision_id == decision_id,
            move.c.state_before.in_(PUBLIC),
            move.c.state.not_in(PUBLIC),
        )
    )
    columns = ["consumer_id", "dataset_id", "record_id", "seq", "decision_id"]
    return int(connection.execute(insert(holder_notice).from_select(columns, left)).rowcount)


def notices(
    connection: Connection, consumer_id: int, after: int = 0, limit: int = 1000
) -> list[dict[str, Any]]:
    """What a consumer has to stop using, in order: {id, dataset, record_id, seq, act, reason_code,
    legal_basis, decided_at, confirmed_at}."""
    query = (
        select(
            holder_notice.c.id,
            dataset.c.name.label("dataset"),
            holder_notice.c.record_id,
            holder_notice.c.seq,
            decision.c.act,
            decision.c.reason_code,
            decision.c.legal_basis,
            decision.c.decided_at,
            holder_notice.c.confirmed_at,
        )
        .join(dataset, dataset.c.id == holder_notice.c.dataset_id)
        .join(decision, decision.c.id == holder_notice.c.decision_id)
        .where(holder_notice.c.consumer_id == consumer_id, holder_notice.c.id > after)
        .order_by(holder_notice.c.id)
        .limit(limit)
    )
    return [{str(n): v for n, v in row.items()} for row in connection.execute(query).mappings()]


def confirm(connection: Connection, consumer_id: int, number: int) -> None:
    """Note that the consumer stopped using the record: when it said so first counts.

    Raises Misdeclared (notice_unknown).
    """
    mine = (holder_notice.c.id == number) & (holder_notice.c.consumer_id == consumer_id)
    first = func.coalesce(holder_notice.c.confirmed_at, utc_now())
    found = connection.execute(
        update(holder_notice).where(mine).values(confirmed_at=first)
    ).rowcount
    if not found:
        raise Misdeclared(Issue("notice_unknown", value=str(number)))


def of_record(connection: Connection, number: int, record_id: str) -> list[dict[str, Any]]:
    """Who was given a record of dataset `number` in any of its revisions: {consumer, audience,
    first_at, last_at, notice_id, decided_at, confirmed_at}, one row for each notice, or one without
    where there is none yet."""
    mine = (disclosure.c.dataset_id == number) & (disclosure.c.record_id == record_id)
    given = select(revision.c.seq).where(
        revision.c.dataset_id == number,
        revision.c.key == select(disclosure.c.key).where(mine).scalar_subquery(),
        revision.c.seq > exchange_log.c.after_seq,
        revision.c.seq <= exchange_log.c.last_seq,
    )
    takers = (
        select(
            exchange_log.c.consumer_id,
            func.min(exchange_log.c.at).label("first_at"),
            func.max(exchange_log.c.at).label("last_at"),
        )
        .where(exchange_log.c.dataset_id == number, given.exists())
        .group_by(exchange_log.c.consumer_id)
        .subquery()
    )
    told = (
        (holder_notice.c.consumer_id == takers.c.consumer_id)
        & (holder_notice.c.dataset_id == number)
        & (holder_notice.c.record_id == record_id)
    )
    query = (
        select(
            consumer.c.name.label("consumer"),
            consumer.c.audience,
            takers.c.first_at,
            takers.c.last_at,
            holder_notice.c.id.label("notice_id"),
            decision.c.decided_at,
            holder_notice.c.confirmed_at,
        )
        .select_from(takers)
        .join(consumer, consumer.c.id == takers.c.consumer_id)
        .join(holder_notice, told, isouter=True)
        .join(decision, decision.c.id == holder_notice.c.decision_id, isouter=True)
        .order_by(consumer.c.name, holder_notice.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def in_ckans(
    connection: Connection, number: int, record_id: str, removed_in: int | None
) -> list[dict[str, Any]]:
    """The CKANs that may hold a record of dataset `number`, as `of_record` has consumers.

    `removed_in` is the release that no longer has it; None: the current one has it. A CKAN holds it
    until it was seen there, after that release, that it is gone.
    """
    left = (
        select(decision.c.decided_at)
        .join(move, move.c.decision_id == decision.c.id)
        .where(move.c.dataset_id == number, move.c.record_id == record_id)
        .where(move.c.state_before.in_(PUBLIC), move.c.state.not_in(PUBLIC))
        .order_by(move.c.id.desc())
        .limit(1)
    )
    mine = (disclosure.c.dataset_id == number) & (disclosure.c.record_id == record_id)
    state = connection.scalar(select(disclosure.c.state).where(mine))
    told = None if state in PUBLIC else connection.scalar(left)
    query = select(ckan_copy.c.target, ckan_copy.c.first_at, ckan_copy.c.pushed_at)
    found = query.where(ckan_copy.c.dataset_id == number).order_by(ckan_copy.c.target)
    return [
        {
            "consumer": surface_of(target), "audience": "public", "first_at": first,
            "last_at": last, "notice_id": None, "decided_at": told,
            "confirmed_at": None if removed_in is None or told is None
            else confirmed_at(connection, number, surface_of(target), removed_in),
        }
        for target, first, last in connection.execute(found).all()
    ]  # fmt: skip
