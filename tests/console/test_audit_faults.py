"""If the audit log can't be written, nothing is done: every act of every room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from hub.accounts.account import make
from hub.accounts.password import hashed
from hub.accounts.tables import account
from hub.audit.chain import head, verify
from hub.database import write
from hub.tables import job
from hub.tables_of_filings import consent, filing
from hub.tables_of_review import disclosure
from hub.web.console.application import create_console
from tests.console.audit_faults import FAULTS, changed, content, full, unwritable
from tests.console.console_site import OWN, PASSWORD, Browser, Staff
from tests.filings.conftest import Office, a_penalty, office
from tests.hub.ledger_data import PENALTY

__all__ = ["office"]
NEW = "the tide comes in at nine 3"
MINE = ("filings.", "repairs.", "consents.", "standards.", "own_account.", "accounts_pages.", "people_pages.",
        "coming_in.", "status_page.")  # fmt: skip
#: Those that change nothing, or need what is told on a page before.
OTHERWISE = {"filings.preview", "own_account.confirm_codes"}
READING = {"filings.preview"}
ADMINISTRATORS = {"zhang": "system", "lin": "security", "he": "audit"}


@dataclass
class House:
    """A console over a site where everything waits for somebody."""

    staff: Staff
    filings: dict[str, int]
    pending: str
    browsers: dict[str, Browser] = field(default_factory=dict)

    def as_(self, name: str) -> Browser:
        """The browser of somebody."""
        if name not in self.browsers:
            self.browsers[name] = self.staff.person(name, office=ADMINISTRATORS.get(name))
        return self.browsers[name]

    def steps(self) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
        """(endpoint, who, path, form) of an act that succeeds, one after the other."""
        one, two = self.filings["objection"], self.filings["repair"]
        answer = {"outcome": "refused", "text": "经核实，记录无误。"}
        yield "filings.take", "zhao", "/filings/take", {}
        yield "filings.accept", "zhao", f"/filings/{one}/accept", {}
        yield "filings.answer", "zhao", f"/filings/{one}/answer", answer
        yield "filings.accept", "zhao", f"/filings/{two}/accept", {}
        for what in ("performed", "remedied"):
            found = {"condition": what, "met": "yes"}
            yield "repairs.confirm", "zhao", f"/filings/{two}/confirm", found
        yield (
            "repairs.decide",
            "li",
            f"/filings/{two}/decide",
            {"outcome": "grant", "text": "准予。"},
        )
        ask = f"/consents/ask/{PENALTY}/{self.pending}"
        yield "consents.ask", "wang", ask, {"party": "某某有限公司"}
        asked = f"/consents/{PENALTY}/{self._consent()}"
        yield "consents.answer", "wang", f"{asked}/answer", {"said": "refused"}
        publish = {"decision": "publish", "reason": "涉及公共安全"}
        yield "consents.decide", "li", f"{asked}/decide", publish
        yield "standards.ask_impact", "wang", f"/standards/{PENALTY}/impact", {"proposal": "1"}
        yield from self._administration()

    def _consent(self) -> int:
        with self.staff.engine.connect() as connection:
            return int(connection.scalar(select(consent.c.id)) or 0)

    def _administration(self) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
        yield "accounts_pages.make", "zhang", "/accounts", {"person": "newcomer", "name": "新"}
        yield "accounts_pages.invite", "zhang", "/accounts/newcomer/invite", {}
        role = {"role": "handler", "department": OWN}
        yield "people_pages.grant", "lin", "/people/newcomer/grant", role
        yield "people_pages.revoke", "lin", "/people/newcomer/revoke", role
        yield "people_pages.appoint", "lin", "/people/newcomer/appoint", {"office": "audit"}
        yield "coming_in.reset_codes", "lin", "/people/coded/reset-codes", {}
        yield "coming_in.forgive", "lin", "/people/coded/forgive", {}
        yield "coming_in.end_sessions", "lin", "/people/li/end-sessions", {}
        yield "accounts_pages.close", "zhang", "/accounts/newcomer/close", {}
        yield "status_page.retry", "zhang", "/status/jobs/9999/retry", {}
        words = {"old": PASSWORD, "password": NEW, "again": NEW}
        yield "own_account.password", "zhao", "/me/password", words
        yield "own_account.begin_codes", "zhao", "/me/codes", {"proof": NEW}
        self.staff.person("zhao")  # another session
        yield "own_account.end_others", "zhao", "/me/sessions", {}


def _house(office: Office) -> House:
    first, second = office.publish(a_penalty(1), a_penalty(2))
    numbers = {"objection": office.filed(first), "repair": office.filed(second, "repair")}
    office.file(first)  # waits in the folder
    office.deliver(a_penalty(1), a_penalty(2), a_penalty(3))
    staff = Staff(create_console(office.site, office.engine))
    with write(office.engine) as connection:
        ids = {row.number: row.id for row in connection.execute(select(filing))}
        waits = disclosure.c.state == "pending"
        pending = connection.scalar(select(disclosure.c.record_id).where(waits))
        make(connection, "coded", "coded", None, "tests")
        row = {"kind": "publish", "arguments": "{}", "state": "failed", "id": 9999}
        connection.execute(insert(job).values(**row, created_at="2026-11-01T00:00:00.000Z"))
    house = House(staff, {kind: ids[number] for kind, number in numbers.items()}, str(pending))
    for name in ("zhao", "li", "wang", *ADMINISTRATORS):
        house.as_(name)
    staff.set_password("zhao", hashed(PASSWORD))
    with write(office.engine) as connection:
        coded = account.c.person == "coded"
        connection.execute(update(account).where(coded).values(code_secret="sealed"))
    return house


def test_no_act_is_done_without_its_entry(office: Office) -> None:
    house = _house(office)
    engine, faults = office.engine, list(FAULTS)
    done = set()
    for number, (endpoint, who, path, form) in enumerate(house.steps()):
        browser, before = house.as_(who), content(engine)
        with unwritable(engine, faults[number % len(faults)]):
            answer = browser.post(path, form)
        assert answer.status_code >= 500, (endpoint, answer.status_code)
        assert changed(before, engine) == [], endpoint
        with engine.connect() as connection:
            last = head(connection).number
        # and it is the log that stood in the way
        answer = browser.post(path, form)
        assert answer.status_code in (200, 303), (endpoint, answer.get_data(as_text=True))
        assert changed(before, engine) != [] or endpoint == "coming_in.forgive"
        with engine.connect() as connection:
            assert verify(connection).number > last
        done.add(endpoint)
    mine = {
        name
        for name, door in house.staff.console.doors.items()
        if door.act and name.startswith(MINE)
    }
    assert mine - done == OTHERWISE


FILLED = {
    "dataset": PENALTY,
    "kind": "objection",
    "person": "wang",
    "feed": "sample_registration",
    "name": "review",
}
FORM = {"reason": "other", "code": "other", "note": "x", "text": "准予。", "outcome": "grant", "person": "wang",
        "password": PASSWORD, "again": PASSWORD, "role": "handler", "department": OWN, "secrecy": "1",
        "privacy": "1", "act": "review", "party": "某某", "said": "agreed", "decision": "publish", "office": "audit",
        "dataset": PENALTY, "verdict": "release", "size": "1", "until": "2030-01-01"}  # fmt: skip


@pytest.mark.parametrize(
    "fault",
    ["raises", *(pytest.param(one, marks=pytest.mark.slow) for one in ("dropped", "headless"))],
)
def test_whatever_is_sent_to_any_act_changes_nothing(office: Office, fault: str) -> None:
    house = _house(office)
    console = house.staff.console
    everybody = [house.as_(name) for name in ADMINISTRATORS]
    everybody.append(house.staff.person("all", "submitter", "reviewer", "approver", "handler"))
    paths = {name: _path(console, name, house) for name, door in console.doors.items() if door.act}
    before = content(office.engine)
    with unwritable(office.engine, fault):
        for endpoint, path in paths.items():
            for browser in everybody:
                answer = browser.post(path, {**FORM, "record": house.pending})
                elsewhere = console.doors[endpoint].policy.stage != "open"  # of who isn't there
                assert answer.status_code >= 400 or elsewhere or endpoint in READING, endpoint
    assert changed(before, office.engine) == []
    assert len(paths) > 30


def _path(console: Any, endpoint: str, house: House) -> str:
    """The address of a route, with things that there are."""
    known = {**FILLED, "record": house.pending, "number": house.filings["objection"]}
    [rule] = [one for one in console.app.url_map.iter_rules() if one.endpoint == endpoint]
    words = {name: known.get(name, 1) for name in rule.arguments}
    adapter = console.app.url_map.bind("localhost")
    return str(adapter.build(endpoint, words, method="POST"))


def test_on_a_full_disk_what_is_done_is_noted_and_the_rest_isnt_done(office: Office) -> None:
    if office.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite's file can be kept from growing")
    house = _house(office)
    failed = 0
    for endpoint, who, path, form in house.steps():
        browser, before = house.as_(who), content(office.engine)
        with office.engine.connect() as connection:
            number = head(connection).number
        with full(office.engine):
            answer = browser.post(path, form)
        with office.engine.connect() as connection:
            noted = verify(connection).number > number
        if answer.status_code >= 500:
            failed += 1
            assert (changed(before, office.engine), noted) == ([], False), endpoint
            browser.post(path, form)
        else:
            assert noted, endpoint
    assert failed > 0
