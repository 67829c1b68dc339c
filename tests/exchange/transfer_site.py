"""A site with people, a police consumer and a procuratorate, for tests of case transfer."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from hub import people
from hub.consumers.consumer import add_consumer
from hub.database import write
from hub.site import Site, create_site
from hub.terms import Office, office
from hub.transfers import acting, files, parties
from hub.transfers.acting import Words
from hub.transfers.parties import Actor
from tests.exchange.fresh_tables import fresh

MARKET, POLICE, PROSECUTORS = "market_regulation", "public_security", "procuratorate"
PEOPLE = {
    "zhao": (MARKET, ("handler",)),
    "qian": (MARKET, ("approver",)),
    "both": (MARKET, ("handler", "approver")),
    "sun": ("agriculture_rural", ("handler", "approver")),
    "chen": (POLICE, ("handler",)),
    "boss": (POLICE, ("approver",)),
    "lin": (PROSECUTORS, ("handler",)),
}
NOBODY = "wu"
CASE: dict[str, Any] = {
    "case_no": "AJ4409002026000007",
    "subject_name": "茂名市远山调味品厂",
    "subject_type": "legal_or_unincorporated",
    "uscc": "91440902MA00000K01",
    "division_code": "440902",
    "suspected_crime": "生产、销售有毒、有害食品罪",
    "facts": "在酱料中添加工业染料，货值 21.5 万元。",
    "amount_wan": "21.5",
}
PDF = b"%PDF-1.7\n% a report\n"


@dataclass(frozen=True)
class World:
    """`keys`: name of a consumer → its key."""

    site: Site
    engine: Engine
    office: Office
    keys: dict[str, str]

    def who(self, name: str) -> Actor:
        with self.engine.connect() as connection:
            return parties.person(connection, name)

    def consumer(self, name: str) -> Actor:
        return parties.organisation(int(self.keys[name].partition(".")[0]), name)

    def draft(self, to: str = POLICE, by: str = "zhao") -> str:
        return acting.draft(self.office, self.who(by), MARKET, to, case_bytes())

    def act(self, number: str, by: str | Actor, name: str, **words: str) -> str:
        actor = self.who(by) if isinstance(by, str) else by
        return str(acting.act(self.office, actor, number, name, Words(**words))["state"])

    def sent(self, to: str = POLICE, letter: str = "茂市监移〔2026〕1号") -> str:
        number = self.draft(to)
        self.act(number, "zhao", "report")
        self.act(number, "qian", "approve")
        self.act(number, "zhao", "send", doc_no=letter)
        return number

    def attach(self, number: str, content: bytes = PDF, name: str = "报告.pdf") -> str:
        kept = files.keep(self.site, io.BytesIO(content), name)
        acting.attach(self.office, self.who("zhao"), number, kept)
        return str(kept["sha256"])


def case_bytes(**more: Any) -> bytes:
    return json.dumps({**CASE, **more}, ensure_ascii=False).encode()


def world(folder: Path, url: str, monkeypatch: Any) -> World:
    """The site in `folder` with the database at `url`."""
    monkeypatch.setenv("HUB_DATABASE_URL", url)
    site = create_site(folder / "site")
    engine = fresh(url)
    keys = {}
    with write(engine) as connection:
        for person, (department, roles) in PEOPLE.items():
            for role in roles:
                people.grant(connection, person, department, role, "test")
        for name, kind in {"市公安局": "公安", "市检察院": "检察", "12345": "12345"}.items():
            keys[name] = add_consumer(connection, name, "government", ("market_entity",))
            parties.register(connection, name, kind, "test")
        keys["省平台"] = add_consumer(connection, "省平台", "government", ("market_entity",))
    return World(site, engine, office(site, engine), keys)
