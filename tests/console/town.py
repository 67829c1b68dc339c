"""A console over a site where there is one object of each kind, and everybody who may come to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from exchange_schemas.days import today
from hub import bulk_review, consents, demo, policies
from hub.database import write
from hub.feeds import copy_samples
from hub.policies import Proposal
from hub.progress import Silent
from hub.tables import run
from hub.tables_of_filings import filing
from hub.tables_of_review import disclosure
from hub.web.console.application import create_console
from tests.console.authorisation import ALL_ROLES
from tests.console.console_site import OTHER, OWN, Browser, Staff
from tests.filings.conftest import Office, a_penalty
from tests.hub.ledger_data import PENALTY


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

    def path(self, endpoint: str) -> str:
        """A door's address, with the object that there is."""
        room, rule = endpoint.partition(".")[0], self.staff.console.doors[endpoint].rule
        self.values["number"] = self.values["numbers"].get(room, 1)
        self.values["name"] = "review" if room == "queues" else "sample_penalties"
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


def build(office: Office, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Everything that a console can show, each once."""
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
    return Town(staff, values)
