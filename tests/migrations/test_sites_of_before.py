"""Sites that programs of before left, on both databases: upgraded they are as a new site, with all they had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from exchange_schemas.errors import Refused
from hub.database import create_tables, write
from hub.migrations.before_disclosures import KEPT
from hub.migrations.counts import count
from hub.migrations.shape import differences
from hub.migrations.upgrading import upgrade
from hub.verify import verify
from tests.migrations.sites_of_before import REVISIONS, put_back
from tests.migrations.whole_shape import whole_shape

ADDED = {"decision", "move", "consumer_key", "consumer_grant", "consumer_event"}
# What can't be undone, by table: as tables of then had them, or as they have been taken over.
ILLEGAL = {
    "disclosure": "UPDATE disclosure SET state = 'approved' WHERE state = 'withdrawn' OR state = 'published'",
    "transfer": "UPDATE transfer SET state = 'accepted'",
    "transfer_step": "DELETE FROM transfer_step",
    "complaint_step": "UPDATE complaint_step SET actor = 'nobody'",
    "audit_entry": "UPDATE audit_entry SET person = 'nobody'",
}


# On SQLite all; on PostgreSQL, where each takes seconds, these; the others with `make prove`.
QUICK = ("e1c637d-a6bbca9", "0277b08")


def _sites() -> Iterator[Any]:
    for revision in REVISIONS:
        yield pytest.param(revision, "sqlite", id=f"{revision}-sqlite")
        marks = () if revision in QUICK else (pytest.mark.slow,)
        yield pytest.param(revision, "postgresql", id=f"{revision}-postgresql", marks=marks)


def _addresses(connection: Connection) -> list[Any]:
    query = "SELECT dataset_id, key, record_id, state, release FROM disclosure ORDER BY 1, 2"
    return [tuple(row) for row in connection.execute(text(query))]


@pytest.mark.parametrize(("revision", "database_url"), list(_sites()), indirect=["database_url"])
def test_all_that_it_had_is_there_and_it_is_as_a_new_site(
    revision: str, database_url: str, tmp_path: Path, new_site: Engine
) -> None:
    before = put_back(revision, tmp_path, database_url)
    engine = before.engine()
    with pytest.raises(Refused) as refused:
        create_tables(engine)
    assert refused.value.issue.code == "schema_older"
    with engine.connect() as connection:
        rows, addresses = count(connection), _addresses(connection)
    engine.dispose()

    outcome = upgrade(engine)
    assert outcome.before == rows and len(addresses) > 50
    create_tables(engine)
    with engine.connect() as connection:
        assert _addresses(connection) == addresses
        after = count(connection)
    old = KEPT[0] in after and KEPT[0] not in rows
    for table, number in rows.items():
        kept = KEPT[0] if old and table == "decision" else table
        assert after[kept] == number or (kept in ADDED and after[kept] > number)
    here = whole_shape(engine)
    for kept in KEPT:
        here.pop(kept, None)
    assert here.keys() == whole_shape(new_site).keys()
    assert differences(here, whole_shape(new_site)) == {}
    verdict = verify(before.site, engine)
    assert verdict.issues == [] and sum(verdict.revisions.values()) > 50 and verdict.releases
    _check_guards(engine, after)
    _check_again(engine)


def _check_guards(engine: Engine, rows: dict[str, int]) -> None:
    """What nobody may do is refused, wherever there is a row to do it to."""
    tried = [name for name in ILLEGAL if rows[name]]
    assert "disclosure" in tried
    for name in tried:
        with pytest.raises(IntegrityError), write(engine) as connection:
            connection.execute(text(ILLEGAL[name]))
    with pytest.raises(IntegrityError), write(engine) as connection:
        connection.execute(text("DELETE FROM disclosure"))


def _check_again(engine: Engine) -> None:
    """Doing it again changes nothing."""
    with engine.connect() as connection:
        rows = count(connection)
    again = upgrade(engine)
    assert again.plan.steps == () and again.before == {}
    with engine.connect() as connection:
        assert count(connection) == rows
