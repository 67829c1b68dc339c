"""`hub serve`."""

from __future__ import annotations

import click

from hub.cli.context import Session
from hub.cli.output import show_json


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", default=8000, show_default=True, help="Port to serve on; 0: a free one.")
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as JSON.")
@click.pass_obj
def serve(session: Session, host: str, port: int, as_json: bool) -> None:
    """Serve the public portal and the exchange API, until Ctrl-C.

    \b
    Example:
      hub --site ./site serve --port 8000
    """
    from hub.web.server import serve as serve_site  # keeps `hub --help` quick

    def ready(url: str) -> None:
        exchange = f"{url}/exchange/v1/openapi.json"
        if as_json:
            show_json({"portal": f"{url}/", "exchange": exchange})
            return
        click.echo(session.text("Portal: {url}").format(url=f"{url}/"))
        click.echo(session.text("Exchange: {url}").format(url=exchange))
        click.echo(session.text("Stop with Ctrl-C."))

    serve_site(session.site(), host, port, ready)
    if not as_json:
        click.echo(session.text("Stopped."))
