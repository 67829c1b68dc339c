"""`hub portal`."""

from __future__ import annotations

import os

import click

from hub.cli.context import Session
from hub.cli.output import show_json


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", default=8000, show_default=True, help="Port to serve on; 0: a free one.")
@click.option(
    "--workers", default=os.cpu_count() or 2, show_default="one a core",
    envvar="HUB_SERVE_WORKERS", help="Processes that answer.",
)  # fmt: skip
@click.option(
    "--pull-every",
    default=10.0,
    show_default=True,
    help="Seconds between two pulls from the storage, where HUB_STORAGE_URL is set.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON.")
@click.pass_obj
def portal(
    session: Session, host: str, port: int, workers: int, pull_every: float, as_json: bool
) -> None:
    """Serve the public portal alone, in several processes, until Ctrl-C.

    It reads releases and opens no database, so it can stand on a machine of its own.

    \b
    Example:
      hub --site ./site portal --port 8000 --workers 2
    """
    from hub.storage.pulling import Puller  # keeps `hub --help` quick
    from hub.web.portal_server import PortalServer

    def ready(url: str) -> None:
        if as_json:
            show_json({"portal": f"{url}/"})
        else:
            click.echo(session.text("Portal: {url}").format(url=f"{url}/"))
            click.echo(session.text("Stop with Ctrl-C."))

    site = session.portal_site()
    puller = Puller(site, pull_every)
    puller.begin()
    try:
        PortalServer(site, f"{host}:{port}", workers, ready).run()
    finally:
        puller.end()
