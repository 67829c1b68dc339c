"""Every route × everybody × whose the object is, and every decision × every state: who is let in, and who isn't."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from hub import triggers
from hub.database import write
from hub.states import ACTS, HUB, STATES
from hub.tables_of_review import disclosure
from hub.web.console.record import reasons
from hub.web.console.record_words import ENDPOINTS
from tests.console.authorisation import WHO, lets_in
from tests.console.town import Somebody, Town, build, everybody
from tests.filings.conftest import Office, office
from tests.hub.ledger_data import PENALTY

__all__ = ["office"]
DAY = "2099-01-01"


@pytest.fixture
def town(office: Office, monkeypatch: pytest.MonkeyPatch) -> Town:
    return build(office, monkeypatch)


def test_every_door_is_in_the_list(town: Town) -> None:
    assert set(town.staff.console.doors) == set(WHO)
    rules = town.staff.console.app.url_map.iter_rules()
    assert {rule.endpoint for rule in rules} - {"static"} == set(WHO)


def test_everybody_at_every_door(town: Town, figures: dict[str, int | float]) -> None:
    cases = 0
    wrong = []
    for endpoint, door in town.staff.console.doors.items():
        room = endpoint.partition(".")[0]
        for who in _asked(town):
            town.staff.person("target")
            form = {"act": "approve" if "approver" in who.roles else "review"}
            answer = town.ask(who, door.method, town.path(endpoint), form)
            cases += 1
            expected = lets_in(endpoint, who.stage, who.office, who.roles, who.own)
            if _is_in(answer, door.method) != expected:
                wrong.append((endpoint, who.name, answer.status_code, expected))
            assert answer.status_code < 500 or room == "oidc", (endpoint, who.name)
    assert not wrong, "\n".join(map(str, wrong))
    figures[f"doors of the console × everybody, {town.staff.engine.dialect.name}"] = cases


def test_every_decision_in_every_state(town: Town, figures: dict[str, int | float]) -> None:
    """A decision is made by its role, of that department, from the states that the table of acts names."""
    record, people = str(town.values["record"]), [who for who in everybody() if who.roles]
    with write(town.staff.engine) as connection:
        triggers.drop(connection)  # states are set here, whatever led to them
    cases, wrong = 0, []
    for act in (one for one in ACTS if one.by != HUB and one.name in ENDPOINTS):
        for state in STATES:
            for who in people:
                digest = _put(town, record, state)
                form = {
                    "digest": digest,
                    "secrecy": "1",
                    "privacy": "1",
                    "day": DAY,
                    "reason": _reason(act.name),
                }
                path = f"/records/{PENALTY}/{record}/{act.name}"
                answer = town.ask(who, "POST", path, form)
                cases += 1
                may = who.own and act.by in who.roles
                expected = 303 if may and state in act.sources else 409 if may else 403
                if answer.status_code != expected:
                    wrong.append((act.name, state, who.name, answer.status_code, expected))
    assert wrong == []
    figures["decisions × states × roles"] = cases


def _asked(town: Town) -> list[Somebody]:
    """Everybody on SQLite; the doors are the same on PostgreSQL, so a third of them are tried there."""
    several = list(everybody())
    return several if town.staff.engine.dialect.name == "sqlite" else several[::3]


def _is_in(answer: TestResponse, method: str) -> bool:
    """Whether the door opened, whatever came of it then."""
    if answer.status_code in (302, 303) and method == "GET":
        place = answer.headers["Location"]
        return not any(part in place for part in ("/sign-in?next", "/code", "/enrol")) and (
            answer.status_code != 303 or not place.endswith("/console/")
        )
    if answer.status_code == 303:  # sent on: to the second step, or back from it
        return answer.headers["Location"] not in ("/console/code", "/console/enrol", "/console/")
    text = answer.get_data(as_text=True) if answer.status_code in (401, 403) else ""
    return "door_closed" not in text and "session_over" not in text


def _put(town: Town, record: str, state: str) -> str:
    """Put the record into a state, reviewed and approved by two others; returns its digest."""
    mine = disclosure.c.record_id == record
    values = {
        "state": state, "hold": None, "author": None, "reviewed_by": "first", "approved_by": "second",
        "secrecy": 1, "privacy": 1, "approved_digest": disclosure.c.view_digest,
        "approved_seq": disclosure.c.seq, "published_on": "2026-01-05", "publish_on": DAY,
    }  # fmt: skip
    with write(town.staff.engine) as connection:
        connection.execute(update(disclosure).where(mine).values(values))
        digest = connection.scalar(select(disclosure.c.view_digest).where(mine))
    return bytes(digest or b"").hex()


def _reason(act: str) -> str:
    found = reasons(act) if act in ("return", "reject", "withdraw") else []
    return found[0][0] if found else ""
