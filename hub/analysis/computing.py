"""Computing: each analysis that is due, its results into the ledger, and how far it read."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from hub import disclosures, ledger
from hub.analysis.analyses import ANALYSES, Analysis
from hub.analysis.inputs import Inputs
from hub.analysis.results import enter
from hub.analysis.tables import analysis_state
from hub.database import write
from hub.instant import utc_now
from hub.progress import Progress, Silent
from hub.site import Site

logger = logging.getLogger(__name__)


def due(site: Site, connection: Connection, day: date) -> list[Analysis]:
    """The analyses that have something to read that they haven't read, that a new day changes, or that lack
    what they keep beside the ledger."""
    known = {row.name: row for row in connection.execute(select(analysis_state))}
    found: list[Analysis] = []
    for one in ANALYSES.values():
        seqs = {name: ledger.head_seq(connection, name) for name in one.reads}
        last = known.get(one.name)
        later = any(name in before.writes for before in found for name in one.reads)
        if later or (
            any(seqs.values())
            and (_differs(one, last, seqs, day) or one.is_wanting(site, connection))
        ):
            found.append(one)
    return found


def _before(site: Site, engine: Engine, chosen: Sequence[Analysis]) -> list[Analysis]:
    """What is computed before these: analyses whose results they read, that were computed once and lack what
    they keep. Without it a class would be computed without knowing whose each record is."""
    read = {name for one in chosen for name in one.reads}
    others = [one for one in ANALYSES.values() if one not in chosen and read & set(one.writes)]
    with engine.connect() as connection:
        return [
            one
            for one in others
            if known_seqs(connection, one.name) and one.is_wanting(site, connection)
        ]


def _is_wanting(site: Site, engine: Engine, one: Analysis) -> bool:
    with engine.connect() as connection:
        return one.is_wanting(site, connection)


def _differs(one: Analysis, last: Any, seqs: dict[str, int], day: date) -> bool:
    if last is None or json.loads(last.seqs) != seqs:
        return True
    return one.daily and last.day != str(day)


def compute(
    site: Site,
    engine: Engine,
    chosen: Sequence[Analysis],
    progress: Progress | None = None,
    day: date | None = None,
    job_id: int | None = None,
) -> dict[str, dict[str, Any]]:
    """Compute these in their order, and before them what they can't do without; returns analysis → dataset →
    counts (`results.enter`).

    One that fails, or still lacks what it keeps, keeps none of the others, but for those that read what it
    writes; what it raised is raised at the end.
    """
    told = progress or Silent()
    catalogue, found = site.catalogue(), {}
    failed: list[Exception] = []
    missing: set[str] = set()
    for one in (*_before(site, engine, chosen), *chosen):
        if missing & set(one.reads) - set(one.writes):
            missing |= set(one.writes)
            continue
        told.step(one.name)
        try:
            found[one.name] = _computed(site, engine, catalogue, one, told, day or today(), job_id)
            if _is_wanting(site, engine, one):  # e.g. content was erased meanwhile
                missing |= set(one.writes)
        except Exception as error:  # noqa: BLE001 - the others are computed all the same
            logger.warning("analysis %s failed: %s", one.name, type(error).__name__)
            failed.append(error)
            missing |= set(one.writes)
    if chosen:
        told.step("review")
        disclosures.refresh(engine, catalogue)
    if failed:
        raise failed[0]
    return found


def _computed(
    site: Site,
    engine: Engine,
    catalogue: Catalogue,
    one: Analysis,
    progress: Progress,
    day: date,
    job_id: int | None,
) -> dict[str, Any]:
    begin = time.perf_counter()
    with engine.connect() as connection:
        known = known_seqs(connection, one.name)
        # Read before the records: what comes in between is read again the next time.
        seqs = {name: ledger.head_seq(connection, name) for name in one.reads}
    inputs = Inputs(site, engine, catalogue, day, known, progress)
    counts: dict[str, Any] = {}
    for result in one.compute()(inputs):
        counts[result.dataset] = enter(engine, catalogue, one.name, result, job_id)
    row = {
        "name": one.name,
        "day": str(day),
        "seqs": json.dumps(seqs),
        "counts": json.dumps(counts),
        "milliseconds": round((time.perf_counter() - begin) * 1000),
        "ended_at": utc_now(),
    }
    with write(engine) as connection:
        mine = analysis_state.c.name == one.name
        connection.execute(delete(analysis_state).where(mine))
        connection.execute(insert(analysis_state).values(row))
    return counts


def known_seqs(connection: Connection, name: str) -> dict[str, int]:
    """How far an analysis has read each of its ledgers; nothing where it was never computed."""
    found = connection.scalar(select(analysis_state.c.seqs).where(analysis_state.c.name == name))
    return {} if found is None else {str(k): int(v) for k, v in json.loads(found).items()}
