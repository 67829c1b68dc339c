"""One server for the public portal at / and the exchange at /exchange."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.database import connect
from hub.site import Site
from hub.web.exchange import PREFIX, create_exchange
from hub.web.listener import Listener
from publisher.portal import create_portal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_application(site: Site) -> WSGIApplication:
    """Portal and exchange of a site. The portal is given what is public and nothing else."""
    catalogue = site.catalogue()
    exchange = create_exchange(connect(site.database_url), catalogue)
    portal = create_portal(site.releases, catalogue, site.dictionary, site.filings, site.answers)
    return DispatcherMiddleware(portal.wsgi_app, {PREFIX: exchange.wsgi_app})


def create_server(site: Site, host: str, port: int) -> Listener:
    """A listening server; raises Misdeclared (port_busy)."""
    try:
        return Listener(create_application(site), host, port, site.trusted_proxy)
    except OSError as error:
        words = {"reason": error.strerror or str(error)}
        raise Misdeclared(Issue("port_busy", value=f"{host}:{port}", params=words)) from error


def serve(site: Site, host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C. `ready` is called with the address once it is listened on."""
    server = create_server(site, host, port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.close())
    if ready is not None:
        ready(f"http://{host}:{server.effective_port}")
    server.run()
