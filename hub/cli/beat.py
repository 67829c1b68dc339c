"""`hub beat`."""

from __future__ import annotations

import logging

import click

from hub.cli.context import Session
from hub.cli.output import show_json


@click.command()
@click.option("--every", default=5.0, show_default=True, help="Seconds between two messages.")
@click.option("--json", "as_json", is_flag=True, help="Print that it has begun as JSON.")
@click.pass_obj
def beat(session: Session, every: float, as_json: bool) -> None:
    """Keep the schedule for workers with a broker, until Ctrl-C. Start several: one leads, and another
    takes over within its lease.

    \b
    Example:
      HUB_BROKER_URL=redis://127.0.0.1:6379/0 hub beat --every 5
    """
    from hub.tasks import run_beat  # Celery is imported only where it is used

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    site, engine = session.site(), session.engine()
    if as_json:
        show_json({"broker": site.broker_url is not None, "every": every})
    run_beat(site, engine, every)
