"""People, revisions, approvals, crashes, clocks and repairs in any order, beside a model of the law.

The model knows nothing of the program's tables. It keeps what each person said of which view, what
the department said of each record, and what day it is; after every step it looks at every byte that
the portal serves and asks whether somebody had the right to show it.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from flask.testing import FlaskClient
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import Engine

from exchange_schemas.days import today
from exchange_schemas.errors import HubError
from hub import bulk_review, disclosures, publishing, review, samples
from hub.chosen import Chosen
from hub.database import connect, create_tables, write
from hub.decisions import Decision, Reason, decide
from hub.departures import departed
from hub.expiry import sweep
from hub.publishing import Overtaken
from hub.review import Desk
from hub.site import Site, create_site
from hub.tables_of_review import disclosure
from publisher.portal.app import create_portal
from tests.flow.disclosure_model import (
    BEGIN,
    CLASSES,
    DEPARTMENTS,
    FINED,
    KINDS,
    NAMES,
    NOBODY,
    NUMBERS,
    PEOPLE,
    PROCEDURES,
    STATUS,
    WORDS,
    Known,
    scratch,
    seen,
)
from tests.flow.disclosure_people import People
from tests.flow.small_standard import DATASET, small_catalogue
from tests.hub.ledger_data import put


class DisclosureMachine(People, RuleBasedStateMachine):
    """One site with one dataset; `url` of its database is given by `database`."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="disclosure-", dir=scratch()))
        self.catalogue = small_catalogue(self.folder / "standards")
        self.standard = self.catalogue.get(DATASET)
        self.site: Site = create_site(self.folder / "site")
        self.engine: Engine = connect(self.database())
        create_tables(self.engine)
        self.known: dict[int, Known] = {}
        self.held: dict[tuple[str, str], set[str]] = {}  # person, role → departments
        self.policy: tuple[str, str, int] | None = None  # who signed, from which model step
        self.clock = time_machine.travel(BEGIN, tick=True)
        self.clock.start()
        self.now, self.latest = BEGIN, today().isoformat()
        self.ids: dict[int, str] = {}
        portal = create_portal(self.site.releases, self.catalogue)
        self.portal: FlaskClient = portal.test_client()

    def database(self) -> str:
        return f"sqlite:///{self.folder / 'hub.sqlite'}"

    def teardown(self) -> None:
        self.clock.stop()
        self.engine.dispose()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- revisions --------------------------------------------------------------------------------

    @rule(
        number=NUMBERS, name=NAMES, words=WORDS, kinds=KINDS, status=STATUS, severity=CLASSES,
        procedure=PROCEDURES, department=st.sampled_from(DEPARTMENTS), author=st.none() | PEOPLE,
        age=st.integers(0, 40),
    )  # fmt: skip
    def revise(
        self, number: int, name: str, words: str, kinds: list[str], status: str,
        severity: str | None, procedure: str, department: str, author: str | None, age: int,
    ) -> None:  # fmt: skip
        decided = (self.now - timedelta(days=age)).date().isoformat()
        record = {
            "doc_no": f"茂市监罚〔2026〕{number}号", "subject_name": name,
            "subject_type": "legal_or_unincorporated", "violation_type": words,
            "penalty_kinds": kinds, "decided_on": decided, "status": status,
            "procedure": procedure, "severity_class": severity,
        }  # fmt: skip
        self.say(number, record, department, author)

    def say(
        self, number: int, record: dict[str, Any], department: str, author: str | None
    ) -> None:
        before = self.known.get(number)
        if before is None or before.record != record:
            self.put([record], department=department, actor=author)
            self.known[number] = replace(before or NOBODY, record=record, department=department)
            self.tell(number, author)

    def put(self, records: list[dict[str, Any]], **more: Any) -> None:
        put(self.engine, DATASET, records, catalogue=self.catalogue, **more)

    def tell(self, number: int, author: str | None) -> None:
        """The record says something new: what was said of another view counts no more. Who hands in
        what the public doesn't see has no part in a view that was decided on."""
        known, text = self.known[number], self.text(number)
        reviewed = {t: who for t, who in known.reviewed.items() if t == text}
        signed = {t: who for t, who in known.signed.items() if t == text}
        ended = known.ended and bool(signed)
        kept = known.author if reviewed or signed else author
        self.known[number] = replace(
            known, reviewed=reviewed, signed=signed, ended=ended, author=kept
        )
        self.ask()

    @rule(
        number=NUMBERS, words=WORDS, severity=st.sampled_from(["一般", "严重"]), kinds=KINDS,
        status=STATUS, procedure=PROCEDURES, publish=st.booleans(), age=st.integers(0, 40),
    )  # fmt: skip
    def go_the_whole_way(
        self, number: int, words: str, severity: str, publish: bool, age: int,
        kinds: list[str] = FINED, status: str = "正常", procedure: str = "普通程序",
    ) -> None:  # fmt: skip
        """What happens every day: a record, two people, a release."""
        self.revise(
            number, "某商行", words, kinds, status, severity, procedure, DEPARTMENTS[0], None, age
        )
        for person, role in (("wang", "reviewer"), ("li", "approver")):
            self.grant(person, role, DEPARTMENTS[0])
        self.review("wang", number, examined=True, stale=False)
        self.approve("li", number, stale=False)
        if publish:
            self.publish()

    @rule(number=NUMBERS)
    def take_back(self, number: int) -> None:
        known = self.known.get(number)
        if known and known.record:
            put(self.engine, DATASET, [], gone=[known.record], catalogue=self.catalogue)
            self.known[number] = replace(known, record=None, reviewed={}, signed={})
            self.ask()

    def ask(self) -> None:
        """What a feed's run does once its revisions are committed."""
        disclosures.refresh_dataset(self.engine, self.catalogue, self.standard)
        self.publish_what_left()

    @rule(
        number=NUMBERS, actor=PEOPLE,
        act=st.sampled_from(["object", "repair", "withdraw", "revise", "take_back", "expire"]),
    )  # fmt: skip
    def something_happens_to_what_is_public(self, number: int, actor: str, act: str) -> None:
        """The rarer acts, from where they matter: a record that was published just now."""
        self.go_the_whole_way(number, "虚假广告", "一般", publish=True, age=1)
        for role in ("approver", "handler"):
            self.grant(actor, role, DEPARTMENTS[0])
        if act == "object":
            self.object(actor, number, upheld=False)
            self.publish()
        elif act == "revise":
            self.go_the_whole_way(number, "销售过期食品", "严重", publish=False, age=2)
        elif act == "expire":
            self.later(days=366, hours=0)
        elif act == "take_back":
            self.take_back(number)
        else:
            getattr(self, act)(actor, number)

    def publish_what_left(self) -> None:
        with self.engine.connect() as connection:
            left = departed(connection)
        if left:
            publishing.publish(self.site, self.engine, self.catalogue, DATASET)

    # --- decisions --------------------------------------------------------------------------------

    def desk(self, actor: str) -> Desk:
        return Desk(self.engine, self.catalogue, self.standard, actor)

    def row(self, number: int) -> dict[str, Any] | None:
        """The disclosure as the program has it: only for what a person would be shown of it."""
        query = disclosure.select().where(disclosure.c.key == f"茂市监罚〔2026〕{number}号")
        with self.engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else {str(name): value for name, value in row.items()}

    def record_id(self, number: int) -> str | None:
        if number not in self.ids and number in self.known:
            row = self.row(number)
            if row:
                self.ids[number] = row["record_id"]
        return self.ids.get(number)

    def text(self, number: int) -> str:
        return seen(self.known[number].record or {})

    @rule(actor=PEOPLE, number=NUMBERS, examined=st.booleans(), stale=st.booleans())
    def review(self, actor: str, number: int, examined: bool, stale: bool) -> None:
        row = self.row(number)
        if row is None:
            return
        digest = "0" * 64 if stale else row["view_digest"].hex()
        chosen = Chosen((row["record_id"],), digest=digest)
        with suppress(HubError):
            done = review.review(self.desk(actor), chosen, secrecy=examined, privacy=examined)
            known = self.known[number]
            assert not done or (examined and not stale and self.may(actor, "reviewer", known))
            if done:
                self.known[number] = replace(known, reviewed={self.text(number): actor})

    @rule(actor=PEOPLE, number=NUMBERS, stale=st.booleans())
    def approve(self, actor: str, number: int, stale: bool) -> None:
        row = self.row(number)
        if row is None:
            return
        digest = "0" * 64 if stale else row["view_digest"].hex()
        with suppress(HubError):
            done = review.approve(self.desk(actor), Chosen((row["record_id"],), digest=digest))
            if done:
                self.sign(number, actor, stale)

    def sign(self, number: int, actor: str, stale: bool = False) -> None:
        known, text = self.known[number], self.text(number)
        assert not stale and self.may(actor, "approver", known)
        first = known.reviewed[text]
        assert len({first, actor, known.author}) == 3
        self.known[number] = replace(known, signed={text: (first, actor)}, ended=False)

    @rule(actor=PEOPLE, act=st.sampled_from(["review", "approve"]), lazy=st.booleans())
    def decide_in_bulk(self, actor: str, act: str, lazy: bool) -> None:
        with suppress(HubError):
            made = bulk_review.draw_sample(self.desk(actor), act, {"status": ["正常"]})
            for one in made["drawn"][1:] if lazy else made["drawn"]:
                with write(self.engine) as connection:
                    digest = bytes.fromhex(one["view_digest"])
                    samples.see(connection, made["sample"], actor, one["record_id"], digest)
            done = bulk_review.decide_sample(
                self.desk(actor), made["sample"], secrecy=True, privacy=True
            )
            assert not lazy
            moved = {one["record_id"] for one in made["drawn"]}
            found = [number for number in self.known if self.record_id(number) in moved]
            assert len(found) == done
            for number in found:
                if act == "review":
                    assert self.may(actor, "reviewer", self.known[number])
                    said = {self.text(number): actor}
                    self.known[number] = replace(self.known[number], reviewed=said)
                else:
                    self.sign(number, actor)

    @rule(actor=PEOPLE, number=NUMBERS, back=st.booleans())
    def refuse(self, actor: str, number: int, back: bool) -> None:
        record_id = self.record_id(number)
        if record_id is None:
            return
        act = review.give_back if back else review.reject
        with suppress(HubError):
            if act(self.desk(actor), Chosen((record_id,)), Reason("inaccurate")):
                self.known[number] = replace(self.known[number], reviewed={})

    @rule(actor=PEOPLE, number=NUMBERS, days=st.integers(-2, 5))
    def schedule(self, actor: str, number: int, days: int) -> None:
        record_id = self.record_id(number)
        day = (self.now + timedelta(days=days)).date().isoformat()
        if record_id is not None:
            with suppress(HubError):
                review.schedule(self.desk(actor), Chosen((record_id,)), day)

    @rule(actor=PEOPLE, number=NUMBERS)
    def withdraw(self, actor: str, number: int) -> None:
        record_id = self.record_id(number)
        if record_id is None:
            return
        with suppress(HubError):
            if review.withdraw(self.desk(actor), Chosen((record_id,)), Reason("other")):
                assert self.may(actor, "approver", self.known[number])
                self.known[number] = replace(self.known[number], ended=True)
        self.publish_what_left()

    @rule(actor=PEOPLE, number=NUMBERS, upheld=st.booleans())
    def object(self, actor: str, number: int, upheld: bool) -> None:
        record_id = self.record_id(number)
        if record_id is None:
            return
        act, why = ("uphold", "objection_refused") if upheld else ("object", "objection_filed")
        with suppress(HubError):
            if review.act(self.desk(actor), act, Chosen((record_id,)), Reason(why)):
                assert self.may(actor, "handler", self.known[number])

    @rule(actor=PEOPLE, number=NUMBERS)
    def repair(self, actor: str, number: int) -> None:
        record_id = self.record_id(number)
        if record_id is None:
            return
        with suppress(HubError):
            chosen = Chosen((record_id,))
            if review.act(self.desk(actor), "repair", chosen, Reason("repair_granted")):
                assert self.may(actor, "approver", self.known[number])
                self.known[number] = replace(self.known[number], ended=True, repaired=True)
        self.publish_what_left()

    @rule(
        number=NUMBERS, act=st.sampled_from(["publish", "approve", "approve_by_policy", "uphold"])
    )
    def forge(self, number: int, act: str) -> None:
        """Somebody at the program itself, past all checks of people: the database refuses it."""
        record_id = self.record_id(number)
        if record_id is None:
            return
        values = {"published_on": self.now.date().isoformat(), "approved_by": "zhao"}
        with suppress(Exception), write(self.engine) as connection:
            chosen = disclosure.c.record_id == record_id
            moved = decide(
                connection,
                Decision(1, act, "none"),
                chosen & (disclosure.c.state == "pending"),
                values,
            )
            assert not moved
            raise Overtaken

    # --- releases and days ------------------------------------------------------------------------

    @rule()
    def publish(self) -> None:
        publishing.publish(self.site, self.engine, self.catalogue, DATASET)

    @rule(after=st.booleans())
    def crash_while_publishing(self, after: bool) -> None:
        """The process dies just before or just after the release is put in place."""
        whole = publishing._mark

        def dying(*arguments: Any) -> None:
            raise KeyboardInterrupt

        name = "_mark" if after else "_check_still"
        kept = getattr(publishing, name)
        setattr(publishing, name, dying)
        try:
            with suppress(KeyboardInterrupt):
                publishing.publish(self.site, self.engine, self.catalogue, DATASET)
        finally:
            setattr(publishing, name, kept)
        assert publishing._mark is whole

    @rule(days=st.sampled_from([0, 1, 7, 31, 92, 366, 1100]), hours=st.integers(0, 23))
    def later(self, days: int, hours: int) -> None:
        self.travel(self.now + timedelta(days=days, hours=hours))

    @rule(days=st.integers(1, 40))
    def earlier(self, days: int) -> None:
        """A clock that was set back."""
        self.travel(max(BEGIN, self.now - timedelta(days=days)))

    def travel(self, moment: datetime) -> None:
        if moment.year > 2027:  # the calendar ends there
            return
        self.clock.stop()
        self.now = moment
        self.clock = time_machine.travel(moment, tick=True)
        self.clock.start()
        self.latest = max(self.latest, today().isoformat())
        self.served_now()  # before anything was done for the new day
        sweep(self.engine)
        publishing.publish(self.site, self.engine, self.catalogue, DATASET)

    @invariant()
    def every_byte_has_an_approval(self) -> None:
        self.served_now()
