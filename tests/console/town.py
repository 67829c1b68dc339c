"""A console over a site where there is one object of each kind, and everybody who may come to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from hub import bulk_review, consents, demo, people, policies
from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.complaints import routing
from hub.complaints.tables import complaint_ticket as table
from hub.database import write
from hub.feeds import copy_samples
from hub.policies import Proposal
from hub.progress import Silent
from hub.tables import run
from hub.tables_of_filings import filing
from hub.tables_of_review import disclosure
from hub.terms import load_terms
from hub.trace.recalls import Opening, open_recall
from hub.web.console.application import create_console
from tests.console.authorisation import ALL_ROLES
from tests.console.console_site import OTHER, OWN, Browser, Staff
from tests.console.credit_objects import CREDITED, credit_objects
from tests.exchange.complaint_site import a_ticket as complaint_ticket
from tests.filings.conftest import Office, a_penalty
from tests.hub.ledger_data import PENALTY, put
from tests.prices.price_data import a_town_price
from tests.trace.chickens import BATCH, SAMPLE, a_failed_sample, chickens

_SIGNAL = {
    "signal_id": "FX1", "channel": "网络", "product": "充电器", "hazard": "过热起火", "severity": "高",
    "received_at": "2026-11-20T08:00:00+08:00", "state": "待评估",
}  # fmt: skip


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
    batch, failed, recall = _trace(office)
    copy_samples(office.site.feeds)
    put(office.engine, "quality_risk_signal", [_SIGNAL])
    path = next(p for p in demo.sample_feeds(office.site) if p.stem == "sample_penalties")
    demo.run_feed(office.site, office.engine, path, Silent())
    with office.engine.connect() as connection:
        run_id = connection.scalar(select(run.c.id).order_by(run.c.id.desc()).limit(1))
    ticket = _a_ticket(office)
    computing.compute(office.site, office.engine, [ANALYSES["subjects"]])
    staff = Staff(create_console(office.site, office.engine))
    credit = credit_objects(office.engine)
    numbers = {
        **credit,
        "bulk": sample,
        "policies": policy,
        "filings": case,
        "repairs": case,
        "consents": consent,
        "recalls": recall,
    }
    values = {
        "dataset": PENALTY, "record": record, "name": "sample_penalties", "run_id": run_id,
        "kind": "objection", "place": 1, "person": "target", "form": "csv", "token": "none",
        "numbers": numbers, "waiting": waiting, "ticket": ticket,
        "signal": _SIGNAL["signal_id"],
        "target": "e-trace",
        "batch": batch, "sample": failed,
        "subject": "91440904MA00000A9G",
    }  # fmt: skip
    values |= {"credit_subject": CREDITED}
    values |= {**a_town_price(office.engine, office.catalogue), "part": 0}
    staff.person("target")
    _measure(office)
    return Town(staff, values)


def _a_ticket(office: Office) -> str:
    """A ticket of the department; returns its number."""
    made = complaint_ticket(1, category_code="0101")
    put(office.engine, "complaint_report", [made])
    with write(office.engine) as connection:
        routing.route(connection, office.site, load_terms(office.site, load_catalogue()))
        mine = table.c.ticket_no == made["ticket_no"]
        assert connection.scalar(select(table.c.department).where(mine)) == OWN
    return str(made["ticket_no"])


def _measure(office: Office) -> None:
    """A target of the plan has a value."""
    shop = {"uscc": "S1", "subject_name": "店", "stage": "流通"}
    sold = {
        "trace_batch_no": "T1",
        "operator_uscc": "S1",
        "happened_at": "2026-06-01T08:00:00+08:00",
    }
    put(office.engine, "food_operator_credit", [shop])
    put(office.engine, "food_trace_ledger", [sold])
    computing.compute(office.site, office.engine, [ANALYSES["targets"]])


def _trace(office: Office) -> tuple[str, str, int]:
    """A batch of the trace ledger, a failed sample of it, and its recall."""
    put(office.engine, "food_trace_ledger", chickens())
    put(office.engine, "unqualified_product", [a_failed_sample()])
    opening = Opening("怀乡鸡", "检出兽药残留", "一级", "责令召回", sample_no=SAMPLE)
    with write(office.engine) as connection:
        people.grant(connection, "recaller", OWN, "handler", "tests")
        return BATCH, SAMPLE, open_recall(connection, opening, "recaller")
