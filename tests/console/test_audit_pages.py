"""The audit log: read, searched, verified and exported by who may; and nobody gets round it."""

from __future__ import annotations

import csv
import io
import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import Connection, Engine, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from exchange_schemas.days import today
from exchange_schemas.errors import Corrupt
from hub import people
from hub.accounts.account import make
from hub.accounts.offices import OFFICES
from hub.accounts.tables import account
from hub.audit.chain import head, verify
from hub.audit.log import Entry, Wanted, append, entries, forget
from hub.database import write
from tests.console.console_site import OWN, Browser, Staff, make_staff, text_of


@pytest.fixture
def staff(tmp_path: Path, database_url: str) -> Staff:
    return make_staff(tmp_path, database_url)


def _fill(engine: Engine, count: int, act: str = "role.grant", **more: Any) -> None:
    for number in range(count):
        with write(engine) as connection:
            append(connection, Entry(f"person{number % 3}", act, f"/people/{number}/x", **more))


def test_entries_are_searched_and_paged(staff: Staff) -> None:
    _fill(staff.engine, 120)
    _fill(staff.engine, 3, "filing.accept", outcome="refused")
    browser = staff.person("he", office="audit")
    page = browser.get("/audit", act="role.grant").get_data(as_text=True)
    seen, below = [], page
    while True:
        seen += [
            int(one.partition('"')[0])
            for one in below.split('href="/console/audit/')[1:]
            if one[0].isdigit()
        ]
        _, more, rest = below.partition("?below=")
        if not more:
            break
        below = browser.get("/audit", act="role.grant", below=rest.partition("&")[0]).get_data(
            as_text=True
        )
    assert seen == list(range(120, 0, -1))
    refused = text_of(browser.get("/audit", outcome="refused"))
    assert (
        refused.count("filing.accept") == 3
        and "role.grant" not in refused.partition("最新的在前")[2]
    )
    one = text_of(browser.get("/audit", subject="/people/7/"))
    assert one.partition("最新的在前")[2].count("/people/") == 1
    day = today()
    assert "此处没有内容" in text_of(browser.get("/audit", until=str(day - timedelta(days=2))))
    assert "person1" in text_of(browser.get("/audit", since=str(day - timedelta(days=2))))
    assert "person1" in text_of(browser.get("/audit", since=str(day), until=str(day)))
    assert "此处没有内容" in text_of(browser.get("/audit", since=str(day + timedelta(days=1))))
    assert browser.get("/audit", since="yesterday").status_code == 400
    assert browser.get("/audit/99999").status_code == 404


def test_reading_leaves_an_entry_too(staff: Staff) -> None:
    browser = staff.person("he", office="audit")
    for path in (
        "/audit",
        "/audit/1",
        "/audit/verify",
        "/audit/export.csv",
        "/audit/export.jsonl",
    ):
        assert browser.get(path).status_code == 200
    with staff.engine.connect() as connection:
        acts = [one["act"] for one in entries(connection, Wanted(person="he"))]
    assert acts == ["audit.export"] * 2 + ["audit.verify", "audit.read", "audit.read"]
    assert browser.get("/audit/export.exe").status_code == 404


def test_exports_are_safe_and_end_with_the_head(staff: Staff) -> None:
    with write(staff.engine) as connection:
        append(
            connection,
            Entry("=cmd|' /C calc'!A0", "session.enter", '@SUM("x")', details={"why": 'a,"b"\n'}),
        )
    _fill(staff.engine, 30)
    browser = staff.person("he", office="audit")
    got = browser.get("/audit/export.csv")
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(got.data.decode("utf-8-sig"))))
    assert rows[0]["person"].startswith("'=") and rows[0]["subject"].startswith("'@")
    with staff.engine.connect() as connection:
        last = head(connection)
    assert (rows[-1]["act"], rows[-1]["number"], rows[-1]["digest"]) == (
        "head",
        str(last.number),
        last.digest,
    )
    assert [int(row["number"]) for row in rows[:-1]] == list(range(1, last.number + 1))
    lines = [json.loads(line) for line in browser.get("/audit/export.jsonl").data.splitlines()]
    assert lines[0]["person"] == "=cmd|' /C calc'!A0" and lines[0]["details"] == {"why": 'a,"b"\n'}
    assert lines[-1]["head"]["number"] == len(lines) - 1
    some = browser.get("/audit/export.jsonl", person="person1").data.splitlines()
    assert {json.loads(line)["person"] for line in some[:-1]} == {"person1"}


TAMPERED = {
    "change": "UPDATE audit_entry SET person = 'somebody' WHERE number = 4",
    "details": "UPDATE audit_entry SET details = '{}' WHERE number = 4",
    "delete": "DELETE FROM audit_entry WHERE number = 4",
    "first": "DELETE FROM audit_entry WHERE number = 1",
    "last": "DELETE FROM audit_entry WHERE number = 9",
    "insert": "INSERT INTO audit_entry SELECT 10, at, person, act, subject, outcome, way, address, details,"
    " before, digest FROM audit_entry WHERE number = 9",
    "reorder": "UPDATE audit_entry SET number = CASE number WHEN 4 THEN 905 WHEN 5 THEN 904 END"
    " WHERE number IN (4, 5);;UPDATE audit_entry SET number = number - 900 WHERE number > 900",
    "head": "UPDATE audit_head SET number = 8",
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_by_sql_is_found(staff: Staff, how: str) -> None:
    _fill(staff.engine, 9, details={"why": "x"})
    browser = staff.person("he", office="audit")
    with staff.engine.connect() as connection:
        assert verify(connection).number == 9
    _without_triggers(staff.engine, TAMPERED[how])
    with staff.engine.connect() as connection, pytest.raises(Corrupt) as caught:
        verify(connection)
    assert caught.value.issue.code == "audit_broken"
    # the page tells it as well, although looking adds an entry
    if how != "head":
        assert (
            "审计日志不完整" in text_of(browser.get("/audit/verify"))
            or browser.get("/audit/verify").status_code >= 500
        )


def _without_triggers(engine: Engine, statements: str) -> None:
    with write(engine) as connection:
        if engine.dialect.name == "sqlite":
            found = (
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'"
            )
            for (name,) in connection.execute(text(found)).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        for statement in statements.split(";;"):
            connection.exec_driver_sql(statement.replace("%", "%%"))


def test_the_database_lets_nobody_change_or_delete_young_entries(staff: Staff) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(days=183)):
        _fill(staff.engine, 1)
    _fill(staff.engine, 2)
    for statement in (
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE number = 1",
        "UPDATE audit_entry SET person = 'x'",
        "UPDATE audit_entry SET at = '2000-01-01T00:00:00.000Z'",
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE number = 1"
        if staff.engine.dialect.name == "sqlite" else "TRUNCATE audit_entry",
    ):  # fmt: skip
        with pytest.raises(DBAPIError), write(staff.engine) as connection:
            connection.execute(text(statement))
    with staff.engine.connect() as connection:
        assert verify(connection).number == 3


def test_old_entries_go_and_the_rest_is_still_verified(staff: Staff) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(days=400)):
        _fill(staff.engine, 5)
    _fill(staff.engine, 4)
    with write(staff.engine) as connection:
        assert forget(connection, 184) == 5
    with staff.engine.connect() as connection:
        found = verify(connection)
    assert (found.first, found.number) == (6, 9)


def test_nobody_holds_two_offices(staff: Staff) -> None:
    with write(staff.engine) as connection:
        for office in OFFICES:
            make(connection, f"of.{office}", office, None, "tests", office)
    for one, other in itertools.product(OFFICES, OFFICES):
        for value in (f"{one},{other}", f"{one} {other}", f"{one}+{other}"):
            with pytest.raises(DBAPIError), write(staff.engine) as connection:
                mine = account.c.person == f"of.{one}"
                connection.execute(update(account).where(mine).values(office=value))
        with pytest.raises(IntegrityError), write(staff.engine) as connection:
            connection.execute(
                account.insert().values(
                    person=f"of.{one}",
                    name="x",
                    office=other,
                    state="open",
                    made_by="x",
                    made_at="x",
                )
            )


def test_nobody_has_an_office_and_a_role(staff: Staff) -> None:
    for office in OFFICES:
        with write(staff.engine) as connection:
            make(connection, f"of.{office}", office, None, "tests", office)
            make(connection, f"role.{office}", office, OWN, "tests")
            people.grant(connection, f"role.{office}", OWN, "handler", "tests")
        with pytest.raises(IntegrityError), write(staff.engine) as connection:
            _give_role(connection, f"of.{office}")
        with pytest.raises(IntegrityError), write(staff.engine) as connection:
            _give_office(connection, f"role.{office}", office)


def _give_role(connection: Connection, person: str) -> None:
    words = "person, department, role, granted_by, granted_at"
    told = f"'{person}', '{OWN}', 'reviewer', 'x', 'x'"
    connection.execute(text(f"INSERT INTO person_role ({words}) VALUES ({told})"))


def _give_office(connection: Connection, person: str, office: str) -> None:
    connection.execute(text(f"UPDATE account SET office = '{office}' WHERE person = '{person}'"))


def test_two_who_give_at_once_dont_get_round_it(staff: Staff) -> None:
    if staff.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with write(staff.engine) as connection:
        make(connection, "wang", "wang", OWN, "tests")
    caught: list[Exception] = []
    begun = threading.Event()

    def second() -> None:
        try:
            with write(staff.engine) as connection:
                begun.set()
                _give_office(connection, "wang", "audit")
        except IntegrityError as error:
            caught.append(error)

    with write(staff.engine) as connection:
        _give_role(connection, "wang")
        thread = threading.Thread(target=second)
        thread.start()
        begun.wait(10)
        thread.join(0.5)
        assert thread.is_alive()  # it waits for the first one
    thread.join(10)
    assert len(caught) == 1


def test_what_is_refused_is_noted_without_its_form(staff: Staff) -> None:
    browser: Browser = staff.person("wang", "reviewer")
    assert browser.post("/accounts", {"person": "mine", "name": "金丝雀"}).status_code == 403
    assert browser.get("/audit").status_code == 403
    with staff.engine.connect() as connection:
        found = entries(connection, Wanted(person="wang"))
    assert [(one["act"], one["details"]["why"]) for one in found] == [
        ("page.read", "door_closed"), ("account.make", "door_closed"),
    ]  # fmt: skip
    assert "金丝雀" not in str(found)
