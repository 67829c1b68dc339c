"""A site with published penalties, the people of its departments, and parties who file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest
from sqlalchemy import Engine, select

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import HubError
from exchange_schemas.working_days import add_working_days
from hub import disclosures, people, publishing
from hub.database import connect, create_tables, write
from hub.filing_intake import take_in
from hub.review import Desk
from hub.site import Site, create_site
from hub.tables_of_review import disclosure
from hub.work import work
from publisher.evidence import Upload
from publisher.filings import DropFolder, Filing
from publisher.release import current_release
from tests.hub.ledger_data import PENALTY, put
from tests.reviewing import approve_all, review_all

STAFF = {
    "wang": ("market_regulation", "reviewer"),
    "li": ("market_regulation", "approver"),
    "zhao": ("market_regulation", "handler"),
    "sun": ("market_regulation", "handler"),
    "sun2": ("market_regulation", "approver"),
    "elsewhere": ("health", "handler"),
    "elsewhere2": ("health", "approver"),
    "elsewhere3": ("health", "reviewer"),
}
PDF = b"%PDF-1.7 proof"
#: What only staff may see of a filing.
PERSONAL = {
    "party_name": "赵金丝雀",
    "contact_name": "钱金丝雀",
    "phone": "13800138000",
    "email": "canary@example.cn",
    "statement": "金丝雀说明：罚款已经缴纳，违法行为已经改正。",
}
CODE = "91440902MA0000015X"


def days_ago(count: int) -> str:
    """An ISO day before today."""
    return (today() - timedelta(days=count)).isoformat()


def last_day(count: int) -> str:
    """The count-th working day after today."""
    found: date = add_working_days(pl.Series([today()]), count)[0]
    return found.isoformat()


def a_penalty(number: int, **more: Any) -> dict[str, Any]:
    """A fine of a company that was decided 200 days ago: its least term of three months is over,
    its year of publication isn't."""
    return {
        "subject_name": "茂名市第一号商行",
        "subject_type": "legal_or_unincorporated",
        "uscc": CODE,
        "doc_no": f"茂市监处罚〔2026〕{number}号",
        "violation_type": "虚假宣传",
        "penalty_kinds": ["罚款"],
        "procedure": "普通程序",
        "content": "罚款",
        "fine_wan": "2",
        "decided_on": days_ago(200),
        "authority": "茂名市市场监督管理局",
        "authority_uscc": "11440900000000019J",
        "status": "正常",
        **more,
    }


def refused(code: str, kind: type[HubError], call: Any, *args: Any, **more: Any) -> HubError:
    """Assert that a call raises an error with this code; returns it."""
    with pytest.raises(kind) as caught:
        call(*args, **more)
    assert caught.value.issue.code == code
    return caught.value


@dataclass(frozen=True)
class Office:
    """One site: what it publishes, and what is filed with it."""

    site: Site
    engine: Engine
    catalogue: Catalogue

    def desk(self, actor: str, dataset: str = PENALTY) -> Desk:
        return Desk(self.engine, self.catalogue, self.catalogue.get(dataset), actor)

    def deliver(self, *records: dict[str, Any], dataset: str = PENALTY) -> None:
        """The ledger says this of a dataset, and the disclosures are asked for."""
        put(self.engine, dataset, records)
        disclosures.refresh(self.engine, self.catalogue)

    def publish(self, *records: dict[str, Any], dataset: str = PENALTY) -> list[str]:
        """Deliver, review, approve and publish; returns the records' ids in their order."""
        self.deliver(*records, dataset=dataset)
        review_all(self.engine, dataset, "wang")
        approve_all(self.engine, dataset, "li")
        publishing.publish(self.site, self.engine, self.catalogue, dataset)
        with self.engine.connect() as connection:
            query = select(disclosure.c.record_id).order_by(disclosure.c.seq)
            return list(connection.scalars(query))

    def file(self, record: str, kind: str = "objection", **more: Any) -> str:
        """A party files on the portal; the number that it is given."""
        repair = {"promise": True, "performed": True, "remedied": True} if kind == "repair" else {}
        told = {
            "kind": kind,
            "dataset": PENALTY,
            "record_id": record,
            **PERSONAL,
            **repair,
            **more,
        }
        proof = Upload("缴款凭证 赵金丝雀.pdf", BytesIO(PDF))
        return DropFolder(self.site.filings).drop(Filing(**told), [proof])

    def take(self) -> dict[str, int]:
        return take_in(self.site, self.engine, self.catalogue)

    def filed(self, record: str, kind: str = "objection", **more: Any) -> str:
        """As `file`, and taken in."""
        number = self.file(record, kind, **more)
        self.take()
        return number

    def work(self, job: int | None) -> None:
        """Do the job that a decision left."""
        assert job is not None
        assert work(self.site, self.engine, job) is not None

    def state(self, record: str) -> str:
        with self.engine.connect() as connection:
            query = select(disclosure.c.state).where(disclosure.c.record_id == record)
            return str(connection.scalar(query))

    def shown(self, dataset: str = PENALTY) -> list[dict[str, Any]]:
        """The records of the current release."""
        release = current_release(self.site.releases, dataset)
        assert release is not None
        lines = (release.path / "records.jsonl").read_bytes().splitlines()
        return [orjson.loads(line) for line in lines]

    def answer(self, number: str) -> dict[str, Any]:
        """The portal's answer file."""
        told: dict[str, Any] = orjson.loads((self.site.answers / f"{number}.json").read_bytes())
        return told


@pytest.fixture
def office(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)
    engine = connect(database_url)
    create_tables(engine)
    with write(engine) as connection:
        for person, (department, role) in STAFF.items():
            people.grant(connection, person, department, role, "tests")
    yield Office(create_site(tmp_path / "site"), engine, load_catalogue())
    engine.dispose()
