"""A console to try: a site, people with roles or offices, and a browser for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, update
from werkzeug.test import Client, TestResponse

from hub import people
from hub.accounts import sessions
from hub.accounts.account import appoint, find, make
from hub.accounts.invitation import token_hash
from hub.accounts.tables import account, session
from hub.database import connect, create_tables, write
from hub.site import Site, create_site
from hub.web.console.application import create_console
from hub.web.console.console import PREFIX, Console
from hub.web.console.cookies import TOKEN

AGENT = "Browser of a test"
ADDRESS = "10.1.2.3"
PASSWORD = "a horse in the harbour 7"
OWN, OTHER = "market_regulation", "agriculture_rural"


@dataclass
class Browser:
    """Somebody's browser; it keeps cookies, says its name, and comes from an address."""

    console: Console
    person: str | None = None
    address: str = ADDRESS
    agent: str = AGENT
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.console.app)

    def get(self, path: str, **query: Any) -> TestResponse:
        """Open a page: `path` within the console, such as /sign-in."""
        return self._open(path, method="GET", query_string=query)

    def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form, with the key of the session."""
        data = {"form_key": self.form_key(), **(form or {})}
        headers = {"Sec-Fetch-Site": "same-origin", **more.pop("headers", {})}
        return self._open(path, method="POST", data=data, headers=headers, **more)

    def form_key(self) -> str:
        """What forms of this session have to carry; "" without one."""
        cookie = self.client.get_cookie(TOKEN, path=PREFIX)
        if cookie is None:
            return ""
        with self.console.engine.connect() as connection:
            found = sessions.look_up(connection, cookie.value)
        return found[0].form_key if found else ""

    def take_token(self, token: str) -> None:
        """As if the server had given it: for sessions that a test begins by itself."""
        self.client.set_cookie(TOKEN, token, path=PREFIX)

    def token(self) -> str:
        """What the browser holds; "" without a session."""
        cookie = self.client.get_cookie(TOKEN, path=PREFIX)
        return cookie.value if cookie else ""

    def _open(self, path: str, **more: Any) -> TestResponse:
        headers = {"User-Agent": self.agent, **more.pop("headers", {})}
        return self.client.open(
            path,
            base_url=f"http://localhost{PREFIX}",
            headers=headers,
            environ_overrides={"REMOTE_ADDR": self.address},
            **more,
        )


@dataclass
class Staff:
    """A console and its people."""

    console: Console

    @property
    def engine(self) -> Engine:
        """The site's database."""
        return self.console.engine

    @property
    def site(self) -> Site:
        """The site."""
        return self.console.site

    def person(
        self, name: str, *roles: str, office: str | None = None, department: str = OWN
    ) -> Browser:
        """A browser in which `name` is signed in, with these roles for the department, or an office."""
        with write(self.engine) as connection:
            if find(connection, name) is None:
                make(connection, name, name.title(), None if office else department, "tests")
            if office is not None:
                appoint(connection, name, office, "tests")
            for role in roles:
                people.grant(connection, name, department, role, "tests")
            place = sessions.Place.of(ADDRESS, AGENT)
            token = sessions.begin(connection, name, sessions.OPEN, place, 12)
        browser = Browser(self.console, name)
        browser.take_token(token)
        return browser

    def nobody(self) -> Browser:
        """A browser in which nobody is signed in."""
        return Browser(self.console)

    def half_way(self, name: str, stage: str) -> Browser:
        """A browser in which `name` gave the password, and is at the second step."""
        browser = self.person(name)
        with write(self.engine) as connection:
            mine = session.c.token == token_hash(browser.token())
            connection.execute(update(session).where(mine).values(stage=stage))
        return browser

    def move(self, token: str, address: str, agent: str) -> None:
        """Let a session be one of another place: used elsewhere than it began it would end."""
        place = sessions.Place.of(address, agent)
        with write(self.engine) as connection:
            mine = session.c.token == token_hash(token)
            there = {"address": place.address, "browser": place.browser}
            connection.execute(update(session).where(mine).values(there))

    def set_password(self, name: str, kept: str) -> None:
        """Give an account the hash of a password."""
        with write(self.engine) as connection:
            mine = account.c.person == name
            connection.execute(update(account).where(mine).values(password=kept))


def make_staff(folder: Path, database_url: str | None = None) -> Staff:
    """A new site in `folder` with a console over it and nobody in it."""
    site = create_site(folder / "site")
    engine = connect(database_url or site.database_url)
    create_tables(engine)
    return Staff(create_console(site, engine))


def text_of(answer: TestResponse) -> str:
    """The words of a page without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


@contextmanager
def served(staff: Staff) -> Iterator[str]:
    """The console as a real server on a free port, for a real browser; yields its address."""
    from threading import Thread

    from hub.web.listener import Listener
    from hub.web.server import create_application

    listener = Listener(create_application(staff.site, staff.engine), "127.0.0.1", 0)
    thread = Thread(target=listener.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.effective_port}{PREFIX}"
    finally:
        listener.close()
        thread.join(20)
