"""`hub worker`."""

from __future__ import annotations

import signal

import click

from hub.cli.context import Session
from hub.cli.output import show_json
from hub.companion import end_when_closed
from hub.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Do what is queued now, then stop.")
@click.option(
    "--every",
    default=5.0,
    envvar="HUB_SCHEDULE_EVERY",
    show_default=True,
    help="Seconds between two looks at the job table.",
)
@click.option(
    "--schedule/--no-schedule",
    default=True,
    show_default=True,
    help="Queue feeds that are due by their update cycle.",
)
@click.option(
    "--until-closed", is_flag=True, hidden=True, help="End when standard input is closed."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def worker(
    session: Session, once: bool, every: float, schedule: bool, until_closed: bool, as_json: bool
) -> None:
    """Do queued jobs until Ctrl-C: with HUB_BROKER_URL as a Celery worker, else in this process.

    \b
    Example:
      hub worker --once
    """
    site = session.site()
    engine = session.engine()
    if until_closed:
        end_when_closed()
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
