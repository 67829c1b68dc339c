"""What an erasure takes from receipts: the words with which consumers refused what is erased.

A reason is free text, so it may say what the record said. That an entry was refused, when and with
which code, stays. A signed message loses its body with its reason, and can't be proved any more.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update

from hub.exchange.receipt_ranges import Range, overlay
from hub.exchange.tables import exchange_view
from hub.exchange.tables_of_receipts import receipt, receipt_message, receipt_range, refusal

ERASED = "…"  # what stands in place of an answer
_AT_ONCE = 500  # revisions named by one statement
_FOLDED_AT_ONCE = 10_000  # receipts


def forget_reasons(connection: Connection, number: int, seqs: Sequence[int]) -> int:
    """Take the reasons given for these revisions of dataset `number`, and what was answered to them;
    returns from how many messages."""
    ledgers = select(exchange_view.c.id).where(
        exchange_view.c.dataset_id == number, exchange_view.c.audience != "public"
    )
    for at in range(0, len(seqs), _AT_ONCE):
        some = seqs[at : at + _AT_ONCE]
        mine = refusal.c.view_id.in_(ledgers) & refusal.c.seq.in_(some)
        connection.execute(update(refusal).where(mine).values(reason=None))
        said = mine & refusal.c.answer.is_not(None)
        connection.execute(update(refusal).where(said).values(answer=ERASED))
    first, last = (min(seqs), max(seqs)) if seqs else (1, 0)
    told = select(receipt).where(
        receipt.c.view_id.in_(ledgers), receipt.c.reason.is_not(None),
        receipt.c.last_seq >= first, receipt.c.first_seq <= last,
    )  # fmt: skip
    gone = [
        row
        for row in connection.execute(told).all()
        if any(row.first_seq <= seq <= row.last_seq for seq in seqs)
    ]
    found = {row.message_id for row in gone}
    for row in gone:
        connection.execute(update(receipt).where(receipt.c.id == row.id).values(reason=None))
        # The same words were given for the entries beside it.
        same = (refusal.c.consumer_id == row.consumer_id) & (refusal.c.view_id == row.view_id)
        same &= refusal.c.seq.between(row.first_seq, row.last_seq)
        same &= refusal.c.reason == row.reason
        connection.execute(update(refusal).where(same).values(reason=None))
    for message in sorted(found):
        mine = receipt_message.c.id == message
        connection.execute(update(receipt_message).where(mine).values(body=None))
    for consumer_id, view_id in sorted({(row.consumer_id, row.view_id) for row in gone}):
        _fold_again(connection, number, consumer_id, view_id)
    return len(found)


def folded(connection: Connection, consumer_id: int, view_id: int) -> list[Range]:
    """What counts by all receipts of a consumer on a stream, one after the other."""
    has = receipt.c
    query = (
        select(has.first_seq, has.last_seq, has.state, has.code, has.reason)
        .where(has.consumer_id == consumer_id, has.view_id == view_id)
        .order_by(has.id)
    )
    ranges: list[Range] = []
    result = connection.execute(query, execution_options={"yield_per": _FOLDED_AT_ONCE})
    for part in result.partitions(_FOLDED_AT_ONCE):
        ranges = overlay(ranges, [Range(*one) for one in part])
    return ranges


def _fold_again(connection: Connection, number: int, consumer_id: int, view_id: int) -> None:
    """Look-ups say what the receipts say now, of a stream of dataset `number`."""
    of = {"consumer_id": consumer_id, "view_id": view_id, "dataset_id": number}
    has = receipt_range.c
    mine = (has.consumer_id == consumer_id) & (has.view_id == view_id)
    connection.execute(delete(receipt_range).where(mine))
    rows = [
        {**of, "first_seq": one.first, "last_seq": one.last, "state": one.state,
         "code": one.code, "reason": one.reason}
        for one in folded(connection, consumer_id, view_id)
    ]  # fmt: skip
    connection.execute(insert(receipt_range), rows)
