"""Small ledgers of real standards for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Engine, insert, select, update

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.record import KEY, key_expr, with_digest
from exchange_schemas.standard import Standard
from hub import ledger
from hub.changes import ChangeSet
from hub.database import connect, create_tables, write
from hub.tables import feed, run

Record = Mapping[str, Any]

MARKET, PENALTY = "market_entity", "administrative_penalty"


def a_company(number: int, **more: Any) -> dict[str, Any]:
    """A company; its key is its credit code. phone is for the government only."""
    return {
        "subject_name": f"茂名市第{number}号商行",
        "uscc": f"91440902MA{number:07d}X",
        "phone": f"0668-{number:07d}",
        **more,
    }


def a_penalty(number: int, name: str, **more: Any) -> dict[str, Any]:
    """A penalty of a natural person; its key has the name, which industry sees masked."""
    return {
        "authority_uscc": "11440900000000019J",
        "doc_no": f"茂市监罚〔2026〕{number}号",
        "subject_name": name,
        "subject_type": "natural",
        "cert_no": f"44098119900101{number:04d}",
        "facts": '销售 "三无" 产品\n\u2028数额不大',
        **more,
    }


def made(url: str) -> Engine:
    """A new hub's database."""
    engine = connect(url)
    create_tables(engine)
    return engine


def put(
    engine: Engine,
    dataset: str,
    records: Sequence[Record],
    gone: Sequence[Record] = (),
    version: str | None = None,
    catalogue: Catalogue | None = None,
    **more: Any,
) -> tuple[int, int]:
    """One run that says `records` and takes back `gone`; returns its first and last seq.

    `more` are further columns of the run.
    """
    standard = (catalogue or load_catalogue()).get(dataset, version)
    with write(engine) as connection:
        number = ledger.dataset_id(connection, dataset)
        feed_id = connection.scalar(select(feed.c.id).where(feed.c.name == "f"))
        if feed_id is None:
            feed_id = connection.scalar(insert(feed).values(name="f").returning(feed.c.id))
        changes = ChangeSet(ledger.heads(connection, number, feed_id), feed_id)
        changes.compare(_rows(standard, records))
        changes.gone = _rows(standard, gone)[KEY]
        run_id = connection.scalar(
            insert(run)
            .values({**_run(feed_id, number, standard, changes), **more})
            .returning(run.c.id)
        )
        first, last = ledger.append(connection, number, changes, run_id)
        if last >= first:
            values = {"first_seq": first, "last_seq": last}
            connection.execute(update(run).where(run.c.id == run_id).values(values))
    return first, last


def _rows(standard: Standard, records: Sequence[Record]) -> pl.DataFrame:
    rows = [{name: record.get(name) for name in standard.fields} for record in records]
    frame = pl.DataFrame(rows, schema=standard.dtypes)
    return with_digest(frame, standard.dtypes).with_columns(key_expr(standard).alias(KEY))


def _run(feed_id: int, number: int, standard: Standard, changes: ChangeSet) -> dict[str, Any]:
    count = changes.added + changes.changed + changes.unchanged
    return {
        "feed_id": feed_id,
        "dataset_id": number,
        "standard_version": standard.version,
        "source": "s.csv",
        "sha256": "",
        "state": "committed",
        "read": count,
        "accepted": count,
        "added": changes.added,
        "changed": changes.changed,
        "unchanged": changes.unchanged,
        "gone": len(changes.gone),
        "started_at": "2026-11-23T01:00:00.000Z",
        "ended_at": "2026-11-23T01:00:01.000Z",
    }
