"""`hub serve`."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from hub.cli.context import Session
from hub.cli.output import show_json

if TYPE_CHECKING:
    from hub.site import Site

EVERY = 5.0  # seconds between two looks of the worker at the job table


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    envvar="HUB_SERVE_HOST",
    show_default=True,
    help="Address to serve on.",
)
@click.option(
    "--port",
    default=8000,
    envvar="HUB_SERVE_PORT",
    show_default=True,
    help="Port to serve on; 0: a free one.",
)
@click.option(
    "--worker/--no-worker",
    "with_worker",
    default=True,
    show_default=True,
    help="Do queued and due jobs too, in a process beside the server.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as JSON.")
@click.pass_obj
def serve(session: Session, host: str, port: int, with_worker: bool, as_json: bool) -> None:
    """Serve the public portal, the staff console and the exchange API, and do what is due, until Ctrl-C.

    \b
    Example:
      hub --site ./site serve --port 8000
    """

    def ready(url: str) -> None:
        if as_json:
            show_json(addresses(url))
        else:
            tell_addresses(session, url)

    run(session.site(), host, port, ready, with_worker)
    if not as_json:
        click.echo(session.text("Stopped."))


def addresses(url: str) -> dict[str, str]:
    """What stands where, of a server at `url`."""
    exchange = f"{url}/exchange/v1/openapi.json"
    return {"portal": f"{url}/", "console": f"{url}/console/", "exchange": exchange}


def tell_addresses(session: Session, url: str) -> None:
    """Say where portal, console and exchange are, and how to stop."""
    told = addresses(url)
    click.echo(session.text("Portal: {url}").format(url=told["portal"]))
    click.echo(session.text("Console: {url}").format(url=told["console"]))
    click.echo(session.text("Exchange: {url}").format(url=told["exchange"]))
    click.echo(session.text("Stop with Ctrl-C."))


def run(site: Site, host: str, port: int, ready: Callable[[str], None], with_worker: bool) -> None:
    """Serve a site, with a worker beside the server, until SIGTERM or Ctrl-C.

    Raises Refused (site_served), Misdeclared (port_busy).
    """
    from hub.companion import Companion  # keeps `hub --help` quick
    from hub.site_lock import serving
    from hub.web.server import serve as serve_site

    companion = (
        Companion(site.path, float(os.environ.get("HUB_SCHEDULE_EVERY") or EVERY))
        if with_worker
        else None
    )

    def listening(url: str) -> None:
        ready(url)
        if companion is not None:
            companion.begin()

    with serving(site):
        try:
            serve_site(site, host, port, listening)
        finally:
            if companion is not None:
                companion.end()
