"""A site whose feeds, jobs, disclosures and consumers are in the states that the operator wants to see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert

from exchange_schemas.days import today
from hub import jobs, runs
from hub.database import write
from hub.instant import instant_of
from hub.site import Site
from hub.tables import job, run
from hub.tables_of_review import disclosure
from hub.tables_of_runs import held
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, put

FEED = """\
feed: {name}
title: {{zh: 测试, en: Test}}
standard: market_entity
source: {{kind: file, path: delivery.csv}}
format: {{kind: csv, encoding: utf-8}}
mode: snapshot
every: daily
fields: {{subject_name: 名称, uscc: 代码}}
"""


def ago(**spent: float) -> str:
    """An instant before now, as the tables keep it."""
    return instant_of(datetime.now(UTC) - timedelta(**spent))


def declare(site: Site, *names: str) -> None:
    """Feeds of a site."""
    for name in names:
        (site.feeds / f"{name}.yml").write_text(FEED.format(name=name), encoding="utf-8")


def a_run(
    engine: Engine, feed: str, state: str = "committed", rejected: int = 0, **more: Any
) -> int:
    """A run of a feed that `ended` some time ago (hours)."""
    hours = more.pop("hours", 0)
    with write(engine) as connection:
        row = {
            "feed_id": runs.feed_id(connection, feed), "dataset_id": 1, "standard_version": "1",
            "source": "x", "sha256": "0" * 64, "state": state, "read": rejected,
            "rejected": rejected, "started_at": ago(hours=hours), "ended_at": ago(hours=hours),
        }  # fmt: skip
        made = connection.execute(insert(run).values(**row, **more)).inserted_primary_key
        if state == "held":
            connection.execute(insert(held).values(run_id=made[0], difference="{}"))
    return int(made[0])


def a_job(engine: Engine, kind: str, state: str, topic: str | None = None, **more: Any) -> int:
    """A job in a state."""
    with write(engine) as connection:
        number = jobs.submit(connection, kind, {}, topic)
        values = {"state": state, **more}
        connection.execute(job.update().where(job.c.id == number).values(values))
    return number


def ledgers(engine: Engine) -> None:
    """Two datasets with a few revisions."""
    put(engine, MARKET, [a_company(n) for n in range(3)])
    put(engine, PENALTY, [a_penalty(n, "张三丰") for n in range(2)])
    with write(engine) as connection:
        connection.execute(run.update().values(started_at=ago(), ended_at=ago()))


def disclosures(engine: Engine, count: int, state: str, day: int = 0, **more: Any) -> None:
    """Disclosures of the first dataset that have to be public `day` days from now."""
    due = (today() + timedelta(days=day)).isoformat()
    with write(engine) as connection:
        for n in range(count):
            name = f"{state}{day}{more.get('hold', '')}-{n}"
            row = {
                "dataset_id": 1, "key": name, "record_id": name[-16:], "seq": 1,
                "department": "market_regulation", "view_digest": bytes(32), "state": state,
                "decision_id": 1, "publish_by": due,
            }  # fmt: skip
            connection.execute(insert(disclosure).values(**row, **more))
