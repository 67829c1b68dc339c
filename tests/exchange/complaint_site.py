"""A site with tickets of the complaint platform in its ledger, for tests of complaint routing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from hub import people
from hub.complaints import acting, routing
from hub.complaints.people import Clerk, clerk
from hub.complaints.steps import Words
from hub.complaints.tables import complaint_ticket
from hub.database import write
from hub.site import Site, create_site
from hub.terms import Office, office
from tests.exchange.fresh_tables import fresh
from tests.hub.ledger_data import put

DATASET = "complaint_report"
REPORTER = {
    "reporter_name": "薛小楼",
    "reporter_phone": "13906680111",
    "reporter_address": "茂南区油城四路5号",
    "title": "薛小楼的投诉",
    "facts": "本人薛小楼反映该店销售过期食品。",
}
PRIVATE = ("薛小楼", "13906680111", "油城四路5号", "本人")
PEOPLE = {
    "zhao": ("market_regulation", ("handler",)),
    "qian": ("market_regulation", ("approver",)),
    "tang": ("trade", ("handler",)),
    "huang": ("government_services_data", ("handler",)),
    "liu": ("government_services_data", ("approver",)),
    "jin": ("supervisory_commission", ("approver",)),
}


def a_ticket(number: int, **more: Any) -> dict[str, Any]:
    """A complaint on food, received on a Monday morning; with all that is sealed."""
    return {
        "ticket_no": f"MM12345202611{number:06d}",
        "channel": "电话",
        "kind": "投诉",
        "received_at": "2026-11-23T09:00:00+08:00",
        "category_code": "010102",
        "division_code": "440902",
        "respondent_name": "茂名市茂南区晴川便利店",
        "facts_masked": "反映该店销售过期食品。",
        **REPORTER,
        **more,
    }


@dataclass(frozen=True)
class Hotline:
    site: Site
    engine: Engine
    desk: Office

    def put(self, *tickets: dict[str, Any], gone: tuple[dict[str, Any], ...] = ()) -> None:
        put(self.engine, DATASET, tickets, gone)

    def route(self) -> dict[str, int]:
        with write(self.engine) as connection:
            return routing.route(connection, self.site, self.desk.terms)

    def who(self, name: str) -> Clerk:
        with self.engine.connect() as connection:
            return clerk(connection, name)

    def act(self, number: str, by: str, name: str, **words: str) -> str:
        return str(acting.act(self.desk, self.who(by), number, name, Words(**words))["state"])

    def ticket(self, number: int) -> Any:
        mine = complaint_ticket.c.ticket_no == a_ticket(number)["ticket_no"]
        with self.engine.connect() as connection:
            return connection.execute(select(complaint_ticket).where(mine)).mappings().one()


def hotline(folder: Path, url: str, monkeypatch: Any) -> Hotline:
    """The site in `folder` with the database at `url`."""
    monkeypatch.setenv("HUB_DATABASE_URL", url)
    site = create_site(folder / "site")
    engine = fresh(url)
    with write(engine) as connection:
        for person, (department, roles) in PEOPLE.items():
            for role in roles:
                people.grant(connection, person, department, role, "test")
    return Hotline(site, engine, office(site, engine))


def routes(site: Site, *lines: str) -> None:
    """The site's own routes."""
    site.law.mkdir(exist_ok=True)
    head = "id,kind,category,division,department,valid_from,valid_until"
    (site.law / "complaint_routes.csv").write_text("\n".join([head, *lines]) + "\n")
