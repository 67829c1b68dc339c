"""The days that the law sets for disclosures: kept with them, and worked out anew where they differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, select, update

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.law_frame import fields_asked
from exchange_schemas.standard import Standard
from hub import ledger
from hub.bulk import select_frame
from hub.database import write
from hub.disclosures import Refreshing, legal
from hub.staging import staged
from hub.states import BY_NAME, PENDING, PUBLIC, REVIEWED, SHOWABLE
from hub.tables import dataset
from hub.tables_of_review import disclosure
from hub.translated import fields_as, with_versions

DAYS = ("publish_by", "publish_rule", "public_until", "until_rule")
STORED = pl.Schema(
    {
        "key": pl.String,
        "seq": pl.Int64,
        "published_on": pl.String,
        **dict.fromkeys(DAYS, pl.String),
    }
)
WAITING = (PENDING, REVIEWED, *BY_NAME["publish"].sources)


def recompute(
    engine: Engine,
    catalogue: Catalogue,
    standard: Standard,
    alive: Callable[[int], None] = lambda _: None,
) -> int:
    """Work out all days of a dataset anew; returns of how many disclosures one has changed.

    What has ended stays ended. `alive` is told how many records were looked at.
    """
    with write(engine) as connection:
        number = ledger.dataset_id(connection, standard.dataset)
        last = ledger.lock(connection, number)
        query = select(*(disclosure.c[name] for name in STORED)).where(
            disclosure.c.dataset_id == number,
            disclosure.c.state.in_([*WAITING, *SHOWABLE]),
        )
        stored = select_frame(connection, query, STORED).sort("seq")
        rows = with_versions(connection, standard.dataset, stored)
        on = Refreshing(catalogue, standard, catalogue.law(), today())
        changed, seen = 0, 0
        for frame in ledger.content_frames(connection, standard.dataset, 0, last):
            part = rows.join(frame, on="seq", maintain_order="left")
            if part.is_empty():
                continue
            changed += _store(connection, number, _differing(on, part))
            seen += part.height
            alive(seen)
    return changed


def _differing(on: Refreshing, rows: pl.DataFrame) -> pl.DataFrame:
    """key and the days (`DAYS`) of the rows that the law has other days for than are stored."""
    asked = fields_asked(on.law, on.standard)
    records = fields_as(on.catalogue, on.standard, rows, asked)
    now = legal(on, records, rows.select("seq", "published_on")).rename({LINE: "seq"})
    both = rows.join(now.select("seq", *DAYS), on="seq", suffix="_now", maintain_order="left")
    other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in DAYS)
    return both.filter(other).select("key", *(pl.col(f"{name}_now").alias(name) for name in DAYS))


def _store(connection: Connection, number: int, rows: pl.DataFrame) -> int:
    if rows.is_empty():
        return 0
    with staged(connection, rows, "key") as table:
        mine = (disclosure.c.dataset_id == number) & (disclosure.c.key == table.c.key)
        values = {name: table.c[name] for name in DAYS}
        connection.execute(update(disclosure).where(mine).values(values))
    return rows.height


def due(
    connection: Connection, name: str | None = None, days: int = 7, limit: int = 100
) -> list[dict[str, Any]]:
    """What has to be published, and what ends, within `days` from today, the most urgent first.

    {dataset, record_id, department, state, clock (publish_by or public_until), day, rule, late}:
    `late` is the number of days since then, negative while there is time.
    """
    until = (today() + timedelta(days=days)).isoformat()
    found = []
    for clock, rule, states in (
        ("publish_by", "publish_rule", WAITING),
        ("public_until", "until_rule", PUBLIC),
    ):
        day = disclosure.c[clock]
        query = (
            select(
                dataset.c.name.label("dataset"),
                disclosure.c.record_id,
                disclosure.c.department,
                disclosure.c.state,
                day.label("day"),
                disclosure.c[rule].label("rule"),
            )
            .join(dataset, dataset.c.id == disclosure.c.dataset_id)
            .where(disclosure.c.state.in_(states), day <= until)
            .order_by(day)
            .limit(limit)
        )
        if name:
            query = query.where(dataset.c.name == name)
        found += [_due(clock, row) for row in connection.execute(query).mappings()]
    return sorted(found, key=lambda one: one["day"])[:limit]


def _due(clock: str, row: Any) -> dict[str, Any]:
    late = (today() - date.fromisoformat(row["day"])).days
    return {**{str(name): value for name, value in row.items()}, "clock": clock, "late": late}
