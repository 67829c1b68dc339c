"""One server for the public portal at /, the exchange at /exchange, and the staff console at /console."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.database import connect, create_tables
from hub.exchange.arrivals import MOST, Arrivals
from hub.site import Site
from hub.web.console.application import create_console
from hub.web.console.console import PREFIX as CONSOLE
from hub.web.exchange import PREFIX, create_exchange
from hub.web.listener import AT_WORK, Listener
from hub.web.monitoring import watch_hub
from hub.web.turns import Turns
from publisher.chosen_store import SETTING, store_of
from publisher.portal.allowance import limit, rate_of
from publisher.portal.app import create_portal
from publisher.portal.kept_answers import KeptAnswers
from publisher.portal.settings import read_settings
from publisher.stamp import briefly, stamp_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


# Requests of the exchange that are worked on at a time. What they do is short, and Python does one thing
# at a time: two of them take twice as long as one after the other (docs/decisions/0043).
EXCHANGE_AT_WORK = 1
CONSOLE_AT_WORK = 4


def create_application(
    site: Site, engine: Engine | None = None, arrivals: Arrivals | None = None
) -> WSGIApplication:
    """Portal, exchange and console of a site. `arrivals` is given by who ends it with the server.

    Raises Misdeclared where the portal's settings are wrong.
    """
    engine = engine or connect(site.database_url)
    exchange = create_exchange(site, engine, site.catalogue(), arrivals)
    portal = Turns(portal_of(site), AT_WORK)
    console = create_console(site, engine).app
    mounted: dict[str, WSGIApplication] = {
        PREFIX: Turns(exchange.wsgi_app, EXCHANGE_AT_WORK),
        CONSOLE: Turns(console.wsgi_app, CONSOLE_AT_WORK),
    }
    return watch_hub(DispatcherMiddleware(portal, mounted), site, engine)


def portal_of(site: Site) -> WSGIApplication:
    """The portal alone. It is given what is public and nothing else, and opens no database but its own.

    Raises Misdeclared where its settings are wrong, or name the hub's database.
    """
    check_database(site)
    catalogue = site.catalogue()
    portal = create_portal(
        site.releases,
        catalogue,
        site.dictionary,
        site.filings,
        site.answers,
        settings=read_settings(site.portal_settings, os.environ),
        subscriptions=site.subscriptions,
        retracted=site.retractions,
        store=store_of(os.environ),
    )
    limit(portal, rate_of(os.environ))
    releases = briefly(lambda: stamp_of(site.releases))
    return KeptAnswers(portal.wsgi_app, lambda: (releases(), today()))


def check_database(site: Site) -> None:
    """Raises Misdeclared (portal_database_hubs) where the portal is to read the hub's database."""
    mine = os.environ.get(SETTING, "").strip()
    if mine and _place(mine) == _place(site.database_url):
        raise Misdeclared(Issue("portal_database_hubs", value=SETTING))


def _place(address: str) -> tuple[str | None, int, str | None] | None:
    """Which database of which server, whoever asks; None for what isn't an address of PostgreSQL."""
    try:
        url = make_url(address)
    except ArgumentError:
        return None
    if not url.drivername.startswith("postgres"):
        return None
    host = "127.0.0.1" if url.host == "localhost" else url.host
    return host, url.port or 5432, url.database


def create_server(site: Site, host: str, port: int) -> Listener:
    """A listening server; raises Misdeclared (port_busy)."""
    engine = connect(site.database_url)
    arrivals = Arrivals(engine)
    application = create_application(site, engine, arrivals)
    try:
        return Listener(application, host, port, site.trusted_proxy, MOST, arrivals.close)
    except OSError as error:
        words = {"reason": error.strerror or str(error)}
        raise Misdeclared(Issue("port_busy", value=f"{host}:{port}", params=words)) from error


def serve(site: Site, host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C. `ready` is called with the address once it is listened on."""
    create_tables(connect(site.database_url))
    server = create_server(site, host, port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.close())
    if ready is not None:
        ready(f"http://{host}:{server.effective_port}")
    server.run()
