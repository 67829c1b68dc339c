"""A site with releases, readers who subscribe through its served portal, and what they are sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, func, select

from exchange_schemas.catalogue import load_catalogue
from hub.database import connect, create_tables
from hub.site import Site, create_site
from hub.tables import metadata
from hub.web.server import create_application
from hub.work import work_now
from tests.hub.exchange_hub import listening
from tests.publisher.portal.conftest import release
from tests.services.http_server import Asked, Said, Web, http_server
from tests.services.smtp_server import Mailserver, smtp_server

BASE = "https://data.example.cn"
DATASET = "market_entity"
CODE = "91440902MA0000015X"


def entity(number: int, **more: Any) -> dict[str, Any]:
    """A record of a company of its own; number 1 has the code `CODE`."""
    code = CODE if number == 1 else f"91440902MA00000{number:02d}X"
    return {
        "record_id": f"e{number}", "subject_name": f"茂名荔乡{number}号公司", "uscc": code,
        "established_on": "2019-06-01", "domicile": "茂名市茂南区", **more,
    }  # fmt: skip


@dataclass
class Office:
    """What tests do at the site, in a word each."""

    site: Site
    engine: Engine
    url: str
    mail: Mailserver
    web: Web

    def release(self, *rows: dict[str, Any]) -> None:
        release(self.site.releases, DATASET, list(rows))

    def work(self) -> dict[str, Any]:
        return work_now(self.site, self.engine, "subscriptions", {})

    def ask(self, way: str, address: str, **topic: str) -> httpx.Response:
        data = {"way": way, "address": address}
        return httpx.post(f"{self.url}/subscriptions/new", params=topic, data=data)

    def subscribe(self, address: str, **topic: str) -> None:
        """By e-mail, confirmed."""
        assert self.ask("email", address, **topic).status_code == 303
        self.work()
        self.post(link(self.letters(address)[-1], "confirm"))
        self.work()

    def post(self, address: str, **data: str) -> httpx.Response:
        """To an address of a letter, which names the portal as the world sees it."""
        assert address.startswith(BASE)
        return httpx.post(self.url + address.removeprefix(BASE), data=data)

    def letters(self, address: str) -> list[EmailMessage]:
        return self.mail.letters.get(address, [])

    def events(self) -> list[Asked]:
        return [one for one in self.web.asked if one.path == "/receiver"]

    def count(self, table: str) -> int:
        with self.engine.connect() as connection:
            query = select(func.count()).select_from(metadata.tables[table])
            return int(connection.execute(query).scalar_one())


def text(letter: EmailMessage) -> str:
    body = letter.get_body()
    assert body is not None
    return str(body.get_content())


def link(letter: EmailMessage, act: str) -> str:
    found = re.search(rf"https://\S+/subscriptions/{act}/\S+", text(letter))
    assert found is not None
    return found[0]


def repeat(asked: Asked) -> Said:
    """A receiver that wants what it is asked about."""
    return Said(asked.body)


@contextmanager
def open_office(folder: Path, url: str, patch: pytest.MonkeyPatch) -> Iterator[Office]:
    with ExitStack() as stack:
        mail, web = stack.enter_context(smtp_server()), stack.enter_context(http_server())
        patch.setenv("HUB_DATABASE_URL", url)
        patch.setenv("HUB_PORTAL_BASE_URL", BASE)
        patch.setenv("HUB_SMTP_URL", mail.url)
        patch.setenv("HUB_MAIL_FROM", "data@example.cn")
        patch.setenv("HUB_WEBHOOKS_INTERNAL", "1")
        patch.setattr("publisher.subscribing.FREE_BYTES", 0)
        site = create_site(folder / "site")
        engine = connect(url)
        create_tables(engine)
        stack.callback(engine.dispose)
        release(site.releases, DATASET, [entity(1), entity(2)])
        portal = stack.enter_context(listening(create_application(site)))
        web.answers["/receiver"] = repeat
        assert load_catalogue().get(DATASET).public
        yield Office(site, engine, portal, mail, web)
