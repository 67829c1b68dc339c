"""A site with penalties of the small standard, and people of two departments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from exchange_schemas.catalogue import Catalogue
from hub import disclosures, publishing, review, showing
from hub.chosen import Chosen
from hub.database import connect, create_tables
from hub.decisions import Reason
from hub.review import Desk
from hub.site import Site, create_site
from hub.tables_of_review import disclosure
from publisher.library import Library
from tests.flow.small_standard import DATASET, small_catalogue
from tests.hub.ledger_data import put
from tests.reviewing import appoint

PROPER: dict[str, Any] = {
    "subject_name": "某商行",
    "subject_type": "legal_or_unincorporated",
    "violation_type": "虚假广告",
    "penalty_kinds": ["罚款"],
    "procedure": "普通程序",
    "status": "正常",
    "decided_on": "2026-05-06",
    "severity_class": "一般",
}


@dataclass
class Office:
    """What tests do at a site, in a word each. Records are named by their number."""

    site: Site
    engine: Engine
    catalogue: Catalogue

    def desk(self, actor: str) -> Desk:
        return Desk(self.engine, self.catalogue, self.catalogue.get(DATASET), actor)

    def say(self, *numbers: int, author: str | None = None, department: str | None = None,
            **cells: Any) -> None:  # fmt: skip
        """The department says these records, then the hub asks for approval."""
        records = [{**PROPER, "doc_no": doc_no(number), **cells} for number in numbers]
        more = {"actor": author, "department": department}
        put(self.engine, DATASET, records, catalogue=self.catalogue, **more)
        self.refresh()

    def take_back(self, *numbers: int) -> None:
        """The department has them no more."""
        gone = [{**PROPER, "doc_no": doc_no(number)} for number in numbers]
        put(self.engine, DATASET, [], gone=gone, catalogue=self.catalogue)
        self.refresh()

    def refresh(self) -> int:
        return disclosures.refresh_dataset(
            self.engine, self.catalogue, self.catalogue.get(DATASET)
        )

    def row(self, number: int) -> dict[str, Any]:
        query = select(disclosure).where(disclosure.c.key == doc_no(number))
        with self.engine.connect() as connection:
            return {str(n): v for n, v in connection.execute(query).mappings().one().items()}

    def chosen(self, *numbers: int) -> Chosen:
        return Chosen(tuple(self.row(number)["record_id"] for number in numbers))

    def review(self, *numbers: int, by: str = "wang") -> int:
        return review.review(self.desk(by), self.chosen(*numbers), secrecy=True, privacy=True)

    def approve(self, *numbers: int, by: str = "li") -> int:
        return review.approve(self.desk(by), self.chosen(*numbers))

    def act(self, name: str, *numbers: int, by: str = "li", reason: str | None = None) -> int:
        why = Reason(reason) if reason else None
        return review.act(self.desk(by), name, self.chosen(*numbers), why)

    def publish(self) -> dict[int, dict[str, Any]]:
        """The next release, and what the portal's library shows then: number → record."""
        publishing.publish(self.site, self.engine, self.catalogue, DATASET)
        return self.public()

    def public(self) -> dict[int, dict[str, Any]]:
        found = Library(self.site.releases, self.catalogue).preview(DATASET, 1000)
        return {int(one["doc_no"].partition("〕")[2][:-1]): one for one in found}

    def release(self, *numbers: int) -> dict[int, dict[str, Any]]:
        """Both people say yes, and it is published."""
        self.review(*numbers)
        self.approve(*numbers)
        return self.publish()

    def states(self) -> dict[str, int]:
        total: dict[str, int] = {}
        with self.engine.connect() as connection:
            for one in review.listing(connection, DATASET):
                total[one["state"]] = total.get(one["state"], 0) + one["records"]
        return total

    def shown(self, number: int) -> dict[str, Any]:
        standard = self.catalogue.get(DATASET)
        with self.engine.connect() as connection:
            record_id = self.row(number)["record_id"]
            return showing.record(connection, self.catalogue, standard, record_id)


def doc_no(number: int) -> str:
    return f"茂市监罚〔2026〕{number}号"


def open_office(folder: Path, url: str) -> Office:
    catalogue = small_catalogue(folder / "standards")
    engine = connect(url)
    create_tables(engine)
    appoint(engine, "wang", "li", "zhao", department="market_regulation")
    appoint(engine, "sun", "qian", department="health")
    return Office(create_site(folder / "site"), engine, catalogue)
