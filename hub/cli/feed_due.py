"""`hub feed due` and `hub feed notices`: what should have come, and what owners were told."""

from __future__ import annotations

import click
from sqlalchemy import Engine

from hub.cli.context import Session
from hub.cli.output import issue_json, show_json, show_table
from hub.feeds import list_feeds
from hub.freshness import freshness, order
from hub.notices import list_notices
from hub.site import Site

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@click.option("--queue", is_flag=True, help="Queue a run of every feed that is due.")
@JSON
@click.pass_obj
def due(session: Session, queue: bool, as_json: bool) -> None:
    """Show how fresh each feed is and when it is due; `hub worker` queues due feeds by itself.

    \b
    Example:
      hub feed due
      hub feed due --queue
    """
    site = session.site()
    engine = session.engine()
    jobs = _queue(site, engine) if queue else []
    catalogue = site.catalogue()
    with engine.connect() as connection:
        found = order(freshness(connection, one, catalogue) for one in list_feeds(site.feeds))
    if as_json:
        feeds = [
            {"feed": f.feed, "state": f.state, "tried_at": f.tried_at, "taken_at": f.taken_at,
             "due_at": f.due_at, "overdue_at": f.overdue_at} for f in found
        ]  # fmt: skip
        show_json({"feeds": feeds, "jobs": jobs})
        return
    rows = [
        (f.feed, session.text(f.state), f.tried_at, f.taken_at, f.due_at, f.overdue_at)
        for f in found
    ]
    columns = ("Feed", "Freshness", "Last try", "Last delivery", "Due", "Overdue from")
    show_table(session, columns, rows, "Freshness")
    if queue:
        click.echo(session.text("Queued: {jobs}").format(jobs=", ".join(map(str, jobs))))


def _queue(site: Site, engine: Engine) -> list[int]:
    from hub.schedule import enqueue_due  # keeps other commands quick: it knows every kind of job

    return enqueue_due(site, engine)


@click.command()
@click.option("--limit", type=int, default=50, show_default=True, help="Rows to show at most.")
@JSON
@click.pass_obj
def notices(session: Session, limit: int, as_json: bool) -> None:
    """What the owners of feeds were told: held runs, drift, overdue feeds; the newest first.

    \b
    Example:
      hub feed notices
    """
    engine = session.engine()
    with engine.connect() as connection:
        found = list_notices(connection)[:limit]
    if as_json:
        show_json([
            {"feed": n.feed, "run": n.run_id, "at": n.created_at, "sent_to": n.sent_to,
             **issue_json(n.issue)} for n in found
        ])  # fmt: skip
        return
    rows = [(n.created_at, n.feed, n.issue.message(session.locale), n.sent_to) for n in found]
    show_table(session, ("When", "Feed", "Notice", "Mailed to"), rows, "Notices")


COMMANDS = (due, notices)
