"""`hub worker`."""

from __future__ import annotations

import logging
import signal

import click

from hub.cli.context import Session
from hub.cli.output import show_json
from hub.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Do what is queued now, then stop.")
@click.option(
    "--every", default=5.0, show_default=True, help="Seconds between two looks at the job table."
)
@click.option(
    "--schedule/--no-schedule",
    default=True,
    show_default=True,
    help="Queue feeds that are due by their update cycle.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def worker(session: Session, once: bool, every: float, schedule: bool, as_json: bool) -> None:
    """Do queued jobs until Ctrl-C: with HUB_BROKER_URL as a Celery worker, else in this process.

    \b
    Example:
      hub worker --once
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    site = session.site()
    engine = session.engine()
    if site.broker_url is not None and not once:
        from hub.tasks import run_worker  # Celery is imported only where it is used

        run_worker(site, engine, every, scheduling=schedule)
        return
    own = Worker(site, engine, every, scheduling=schedule)
    signal.signal(signal.SIGTERM, lambda *_: own.stop())
    if not once:
        own.run()
        return
    done = own.run_once()
    if as_json:
        show_json({"done": done})
    else:
        click.echo(session.text("Jobs done: {count}").format(count=done))
