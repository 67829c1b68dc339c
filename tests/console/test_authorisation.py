"""Every route × everybody × whose the object is, and every decision × every state: who is let in, and who isn't."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from exchange_schemas.days import today
from hub import bulk_review, consents, demo, policies, triggers
from hub.database import write
from hub.feeds import copy_samples
from hub.policies import Proposal
from hub.progress import Silent
from hub.states import ACTS, HUB, STATES
from hub.tables import run
from hub.tables_of_filings import filing
from hub.tables_of_review import disclosure
from hub.web.console.application import create_console
from hub.web.console.record import reasons
from hub.web.console.record_words import ENDPOINTS
from tests.console.authorisation import ALL_ROLES, WHO, lets_in
from tests.console.console_site import OTHER, OWN, Browser, Staff
from tests.filings.conftest import Office, a_penalty, office
from tests.hub.ledger_data import PENALTY

__all__ = ["office"]
DAY = "2099-01-01"


@dataclass(frozen=True)
class Somebody:
    """One of everybody: how far signed in, office, roles, and whether these are the object's department's."""

    name: str
    stage: str
    office: str | None
    roles: frozenset[str]
    own: bool


@dataclass
class Town:
    """A console over a site where there is one object of each kind, and everybody."""

    staff: Staff
    values: dict[str, Any]
    browsers: dict[str, Browser]

    def path(self, rule: str) -> str:
        """The address of the object that there is."""
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(self.values[found[1]]), rule)

    def ask(self, who: Somebody, method: str, path: str, form: dict[str, Any]) -> TestResponse:
        """Somebody's request; each in a session of its own, since some acts end it."""
        browser = self.browser(who)
        return browser.get(path) if method == "GET" else browser.post(path, form)

    def browser(self, who: Somebody) -> Browser:
        """Somebody's browser, signed in as far as they are."""
        if who.stage == "nobody":
            return self.staff.nobody()
        if who.stage != "open":
            return self.staff.half_way(who.name, who.stage)
        department = OWN if who.own else OTHER
        return self.staff.person(who.name, *who.roles, office=who.office, department=department)


def everybody() -> Iterator[Somebody]:
    """Nobody, who is half-way in, who has no role, each office, each role here and elsewhere."""
    yield Somebody("nobody", "nobody", None, frozenset(), own=False)
    for stage in ("code", "enrol"):
        yield Somebody(f"at-{stage}", stage, None, frozenset(), own=False)
    yield Somebody("idle", "open", None, frozenset(), own=False)
    for one in ("system", "security", "audit"):
        yield Somebody(f"of-{one}", "open", one, frozenset(), own=False)
    for role in ALL_ROLES:
        for own in (True, False):
            name = f"{role}-{'here' if own else 'elsewhere'}"
            yield Somebody(name, "open", None, frozenset((role,)), own=own)


@pytest.fixture
def town(office: Office, monkeypatch: pytest.MonkeyPatch) -> Town:
    for name in ("ISSUER", "CLIENT", "SECRET"):  # so that its doors are there; nobody is asked
        monkeypatch.setenv(f"HUB_CONSOLE_OIDC_{name}", "http://127.0.0.1:9")
    record, other = office.publish(a_penalty(1), a_penalty(2, uscc="91440904MA00000A9G"))
    number = office.filed(other)
    office.deliver(a_penalty(3, doc_no="茂市监处罚〔2026〕3号"))
    desk = office.desk("wang")
    with office.engine.connect() as connection:
        waits = select(disclosure.c.record_id).where(disclosure.c.state == "pending")
        waiting = str(connection.scalar(waits.limit(1)))
        case = connection.scalar(select(filing.c.id).where(filing.c.number == number))
    sample = bulk_review.draw_sample(desk, "review", {})["sample"]
    consent = consents.ask(desk, waiting, "第三方")
    with write(office.engine) as connection:
        one = Proposal(PENALTY, OWN, {"procedure": ["普通程序"]}, "小额罚款", "内部规则", today())
        policy = policies.propose(connection, desk.standard, one, "wang")
    copy_samples(office.site.feeds)
    path = next(p for p in demo.sample_feeds(office.site) if p.stem == "sample_penalties")
    demo.run_feed(office.site, office.engine, path, Silent())
    with office.engine.connect() as connection:
        run_id = connection.scalar(select(run.c.id).order_by(run.c.id.desc()).limit(1))
    staff = Staff(create_console(office.site, office.engine))
    numbers = {
        "bulk": sample,
        "policies": policy,
        "filings": case,
        "repairs": case,
        "consents": consent,
    }
    values = {
        "dataset": PENALTY, "record": record, "name": "sample_penalties", "run_id": run_id,
        "kind": "objection", "place": 1, "person": "target", "form": "csv", "token": "none",
        "numbers": numbers, "waiting": waiting,
    }  # fmt: skip
    staff.person("target")
    return Town(staff, values, {})


def test_every_door_is_in_the_list(town: Town) -> None:
    assert set(town.staff.console.doors) == set(WHO)
    rules = town.staff.console.app.url_map.iter_rules()
    assert {rule.endpoint for rule in rules} - {"static"} == set(WHO)


def test_everybody_at_every_door(town: Town, figures: dict[str, int | float]) -> None:
    cases = 0
    wrong = []
    for endpoint, door in town.staff.console.doors.items():
        room = endpoint.partition(".")[0]
        town.values["number"] = town.values["numbers"].get(room, 1)
        town.values["name"] = "review" if room == "queues" else "sample_penalties"
        for who in _asked(town):
            town.staff.person("target")
            form = {"act": "approve" if "approver" in who.roles else "review"}
            answer = town.ask(who, door.method, town.path(door.rule), form)
            cases += 1
            expected = lets_in(endpoint, who.stage, who.office, who.roles, who.own)
            if _is_in(answer, door.method) != expected:
                wrong.append((endpoint, who.name, answer.status_code, expected))
            assert answer.status_code < 500 or room == "oidc", (endpoint, who.name)
    assert not wrong, "\n".join(map(str, wrong))
    figures["doors of the console × everybody"] = cases


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
