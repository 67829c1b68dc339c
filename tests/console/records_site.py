"""A console over penalties that wait, delivered by the shipped sample feed, and the people who decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from hub import demo, disclosures
from hub.feeds import copy_samples
from hub.progress import Silent
from hub.tables import dataset
from hub.tables_of_review import disclosure
from tests.console.console_site import OWN, Browser, Staff, make_staff
from tests.hub.ledger_data import put

CATALOGUE = load_catalogue()
PENALTY = "administrative_penalty"
FEED = "sample_penalties"


@dataclass
class Desks:
    """The console, and what tests ask of its records."""

    staff: Staff

    def deliver(self, *records: dict[str, Any], **run: Any) -> None:
        """The department says this, and approval is asked for; `run` are columns of the run."""
        put(self.staff.engine, PENALTY, records, department=OWN, **run)
        disclosures.refresh_dataset(self.staff.engine, CATALOGUE, CATALOGUE.get(PENALTY))

    def rows(self, state: str = "pending") -> list[dict[str, Any]]:
        """The disclosures of penalties in a state, in the order of the ledger."""
        query = (
            select(disclosure)
            .join(dataset, dataset.c.id == disclosure.c.dataset_id)
            .where(dataset.c.name == PENALTY, disclosure.c.state == state)
            .order_by(disclosure.c.seq)
        )
        with self.staff.engine.connect() as connection:
            found = connection.execute(query).mappings()
            return [{str(n): v for n, v in row.items()} for row in found]

    def row(self, record: str) -> dict[str, Any]:
        """One disclosure."""
        query = select(disclosure).where(disclosure.c.record_id == record)
        with self.staff.engine.connect() as connection:
            return {str(n): v for n, v in connection.execute(query).mappings().one().items()}

    def decide(
        self, browser: Browser, act: str, record: str, digest: str | None = None, **form: Any
    ) -> TestResponse:
        """Send the form of an act, of the view that the record has now or of another."""
        shown = digest or bytes(self.row(record)["view_digest"]).hex()
        data = {"digest": shown, **form}
        return browser.post(f"/records/{PENALTY}/{record}/{act}", data)

    def review(self, browser: Browser, record: str, **form: Any) -> TestResponse:
        """Review it, with what the standard asks for."""
        return self.decide(browser, "review", record, secrecy="1", privacy="1", **form)


def make_desks(folder: Path, database_url: str, records: int = 45) -> Desks:
    """A console over so many penalties that wait for a reviewer."""
    desks = Desks(make_staff(folder, database_url))
    desks.deliver(*(penalty(number) for number in range(1, records + 1)))
    return desks


def make_delivered(folder: Path, database_url: str) -> Desks:
    """A console whose site has taken the sample feed of penalties."""
    staff = make_staff(folder, database_url)
    copy_samples(staff.site.feeds)
    path = next(p for p in demo.sample_feeds(staff.site) if p.stem == FEED)
    demo.run_feed(staff.site, staff.engine, path, Silent())
    return Desks(staff)


def penalty(number: int, **more: Any) -> dict[str, Any]:
    """A fine; every second one is small, and the first ones are overdue."""
    return {
        "subject_name": f"茂名市第{number}号商行",
        "subject_type": "legal_or_unincorporated",
        "uscc": "91440902MA0000015X",
        "doc_no": f"茂市监处罚〔2026〕{number}号",
        "violation_type": "虚假宣传",
        "penalty_kinds": ["罚款"],
        "procedure": "普通程序",
        "content": "罚款",
        "fine_wan": "0.5" if number % 2 else "2",
        "decided_on": (today() - timedelta(days=60 - number)).isoformat(),
        "authority": "茂名市市场监督管理局",
        "authority_uscc": "11440900000000019J",
        "status": "正常",
        **more,
    }
