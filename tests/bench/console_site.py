"""A site of the bench with 1,000,000 penalties in the ledger and as many disclosures, some of which wait.

Rows are made by the databases themselves; what a person sees of a page is real, the digests of views that
nobody opens aren't.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Connection, Engine, insert, text

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from exchange_schemas.record import KEY, key_expr, with_digest
from exchange_schemas.standard import Standard
from hub import ledger, people, triggers
from hub.accounts.account import make
from hub.accounts.sessions import OPEN, Place, begin
from hub.all_tables import ALL
from hub.database import connect, create_tables, write
from hub.site import Site, create_site
from hub.tables import feed, run
from hub.tables_of_review import decision
from tests.bench.records import penalty_rows

DATASET = "administrative_penalty"
BLOCK = 50_000
PENDING, REVIEWED = 10, 100  # of so many records one waits for a reviewer, or for an approver
DEPARTMENTS = ("market_regulation", "health", "civil_affairs", "justice")
PERSON = "bench.person"
AGENT = "Browser of the bench"
ADDRESS = "127.0.0.1"
PLACE = Place.of(ADDRESS, AGENT)


@dataclass(frozen=True, slots=True)
class Made:
    """The site, and the token of a session of somebody who reviews and approves in every department."""

    site: Site
    engine: Engine
    token: str


def make_site(folder: Path, url: str | None, records: int) -> Made:
    """A new site with so many revisions and disclosures."""
    site = create_site(folder)
    engine = connect(url or site.database_url)
    create_tables(engine)
    catalogue = load_catalogue()
    standard = catalogue.get(DATASET)
    with write(engine) as connection:
        token = _person(connection)
        number = _fill(connection, standard, records)
        triggers.drop(connection)  # they would ask a decision of its own for every state
        _disclose(connection, number)
        triggers.make(connection, ALL)
    _settle(engine)
    return Made(site, engine, token)


def _person(connection: Connection) -> str:
    make(connection, PERSON, "王审", DEPARTMENTS[0], "bench")
    for department in DEPARTMENTS:
        for role in ("reviewer", "approver", "handler"):
            people.grant(connection, PERSON, department, role, "bench")
    return begin(connection, PERSON, OPEN, PLACE, 12)


def _fill(connection: Connection, standard: Standard, records: int) -> int:
    number = ledger.dataset_id(connection, standard.dataset)
    feed_id = connection.scalar(insert(feed).values(name="bench").returning(feed.c.id)) or 0
    words = {
        "feed_id": feed_id, "dataset_id": number, "standard_version": standard.version,
        "source": "bench.csv", "sha256": "", "state": "committed", "read": records,
        "accepted": records, "added": records, "started_at": "2026-11-01T01:00:00.000Z",
        "ended_at": "2026-11-01T01:00:00.000Z", "first_seq": 1, "last_seq": records,
    }  # fmt: skip
    run_id = connection.scalar(insert(run).values(words).returning(run.c.id)) or 0
    appending = ledger.Appending(connection, number, run_id, feed_id)
    rows = penalty_rows(standard, records, broken=False)
    for start in range(0, records, BLOCK):
        part = rows.slice(start, BLOCK).with_columns(served_on=pl.col("decided_on"))
        keyed = with_digest(part, standard.dtypes).with_columns(key_expr(standard).alias(KEY))
        appending.write(keyed.select(key="_key", digest="_digest", json="_json"))
    appending.finish(pl.Series([], dtype=pl.String))
    return number


def _disclose(connection: Connection, number: int) -> None:
    """A disclosure and its moves for each record: most are public, some wait, some of these are late."""
    made = {
        "dataset_id": number, "act": "ask", "actor": "hub", "reason_code": "to_review",
        "legal_basis": "-", "rule": "bench", "records": 0, "decided_at": "2026-11-01T01:00:00.000Z",
    }  # fmt: skip
    asked = connection.scalar(insert(decision).values(made).returning(decision.c.id))
    day = today()
    words: dict[str, Any] = {
        "number": number, "decision": asked, "needs": 1, "today": day.isoformat(),
        **{f"d{place}": code for place, code in enumerate(DEPARTMENTS)},
    }  # fmt: skip
    connection.execute(text(_DISCLOSE[connection.dialect.name]), words)
    connection.execute(text(_MOVES), words)


_STATE = f"""CASE WHEN seq % {REVIEWED} = 1 THEN 'reviewed' WHEN seq % {PENDING} = 0 THEN 'pending'
    WHEN seq % 1000 = 3 THEN 'blocked' WHEN seq % 1000 = 5 THEN 'scheduled' ELSE 'published' END"""
_DEPARTMENT = "CASE (seq / 7) % 4 WHEN 0 THEN :d0 WHEN 1 THEN :d1 WHEN 2 THEN :d2 ELSE :d3 END"
# Random enough to stand nowhere near their neighbours.
_ID = {
    "sqlite": "lower(printf('%08x%08x', (seq * 2654435761) & 4294967295, seq))",
    "postgresql": "substr(md5(seq::text), 1, 8) || lpad(to_hex(seq), 8, '0')",
}
_BY = {
    "sqlite": "date(:today, ((seq * 7919) % 60 - 10) || ' days')",
    "postgresql": "((:today)::date + ((seq * 7919) % 60 - 10)::int)::text",
}
_DISCLOSE = {
    name: f"""
    INSERT INTO disclosure (dataset_id, key, record_id, department, seq, view_digest, state,
        decision_id, needs, reviewed_by, secrecy, privacy, approved_by, approved_digest, approved_seq,
        publish_by, publish_rule, publish_on, published_on)
    SELECT dataset_id, key, id, department, seq, digest, state, :decision, :needs,
        CASE WHEN state IN ('pending', 'blocked') THEN NULL ELSE 'somebody' END,
        CASE WHEN state IN ('pending', 'blocked') THEN NULL ELSE 1 END,
        CASE WHEN state IN ('pending', 'blocked') THEN NULL ELSE 1 END,
        CASE WHEN state IN ('published', 'scheduled') THEN 'somebody else' END,
        CASE WHEN state IN ('published', 'scheduled') THEN digest END,
        CASE WHEN state IN ('published', 'scheduled') THEN seq END,
        publish_by, 'penalty_local',
        CASE WHEN state = 'scheduled' THEN :today END,
        CASE WHEN state = 'published' THEN :today END
    FROM (SELECT dataset_id, key, seq, digest, {_STATE} AS state, {_DEPARTMENT} AS department,
        {_ID[name]} AS id, CASE WHEN seq % 50 <> 0 THEN {_BY[name]} END AS publish_by
        FROM head WHERE dataset_id = :number) AS made ORDER BY key
    """
    for name in ("sqlite", "postgresql")
}
_MOVES = """
    INSERT INTO move (dataset_id, record_id, state_before, state, decision_id, seq)
    SELECT dataset_id, record_id, NULL, 'pending', :decision, seq FROM disclosure
    WHERE dataset_id = :number
"""


def _settle(engine: Engine) -> None:
    """What PostgreSQL does by itself within a minute of so many changes."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
