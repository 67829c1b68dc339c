"""`hub feed held / release / discard / replay / changes`: runs that a person decides on or looks into."""

from __future__ import annotations

from typing import Any

import click

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal
from hub.cli.shown_runs import show_differences, show_runs
from hub.database import write
from hub.difference import changes_of
from hub.feeds import find_feed
from hub.held import DISCARDED, decide, find_held, waiting
from hub.pipeline import deliver, run_feed
from hub.replay import is_last, kept_delivery
from hub.work import work_now

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
BY = click.option("--by", "actor", required=True, help="Who decides.")
REASON = click.option("--reason", required=True, help="Why; it is kept.")


@click.command()
@JSON
@click.pass_obj
def held(session: Session, as_json: bool) -> None:
    """List the runs that the breaker holds, with what they would change.

    \b
    Example:
      hub feed held
    """
    engine = session.engine()
    with engine.connect() as connection:
        found = waiting(connection)
    if as_json:
        show_json([
            {"run": one.run_id, "feed": one.feed, "source": one.source, "at": one.started_at,
             "differences": one.differences} for one in found
        ])  # fmt: skip
        return
    rows = [
        (one.run_id, one.feed, one.source, one.started_at, *_sums(one.differences))
        for one in found
    ]
    columns = ("Run", "Feed", "Source", "Started", "Added", "Changed", "Gone")
    show_table(session, columns, rows, "Held runs")
    for one in found:
        command = f"hub feed changes {one.run_id}"
        click.echo(session.text("What it would change: {command}").format(command=command))


@click.command()
@click.argument("run_id", metavar="RUN", type=int)
@BY
@REASON
@JSON
@click.pass_obj
def release(session: Session, run_id: int, actor: str, reason: str, as_json: bool) -> None:
    """Let a held run in: its delivery is read again and committed.

    \b
    Example:
      hub feed release 12 --by 李四 --reason 系统迁移，已与登记科核实
    """
    site = session.site()
    engine = session.engine()
    with engine.connect() as connection:
        found = find_held(connection, run_id)
    told = {"feed": found.feed, "run": run_id, "actor": actor, "reason": reason}
    with terminal(session, found.feed) as progress:
        result = work_now(site, engine, "feed_run", told, progress)
    if as_json:
        show_json(result)
    else:
        show_runs(session, [result])


@click.command()
@click.argument("run_id", metavar="RUN", type=int)
@BY
@REASON
@JSON
@click.pass_obj
def discard(session: Session, run_id: int, actor: str, reason: str, as_json: bool) -> None:
    """Throw a held run away; its delivery is kept, the ledger stays as it is.

    \b
    Example:
      hub feed discard 12 --by 李四 --reason 导出不完整
    """
    engine = session.engine()
    with write(engine) as connection:
        decide(connection, run_id, DISCARDED, actor, reason)
    if as_json:
        show_json({"run": run_id, "verdict": DISCARDED, "actor": actor, "reason": reason})
    else:
        click.echo(session.text("Run {run} was discarded.").format(run=run_id))


@click.command()
@click.argument("name", metavar="FEED")
@click.option("--run", "run_id", type=int, help="Whose delivery; the last one if left out.")
@click.option("--commit", is_flag=True, help="Take it in; else only the difference is shown.")
@JSON
@click.pass_obj
def replay(session: Session, name: str, run_id: int | None, commit: bool, as_json: bool) -> None:
    """Read a kept delivery again with the feed as it is declared now, and show what differs.

    \b
    Example:
      hub feed replay town_register
      hub feed replay town_register --commit
    """
    site = session.site()
    engine = session.engine()
    feed = find_feed(site.feeds, name)
    with engine.connect() as connection:
        number, kept = kept_delivery(connection, site, feed.name, run_id)
        last = is_last(connection, feed.name, number)
    if commit and not last:
        raise Refused(Issue("replay_old", value=str(number)))
    with terminal(session, feed.name) as progress:
        if commit:
            told = {"feed": str(feed.path), "run": number}
            result = work_now(site, engine, "feed_run", told, progress)
        else:
            delivery = deliver(
                site, engine, site.catalogue(), feed,
                kind="replay", dry=True, reread=True, progress=progress,
            )  # fmt: skip
            delivery.take(kept)
            result = run_feed(delivery)
    if as_json:
        show_json(result)
        return
    show_runs(session, [result])
    show_differences(session, result["differences"])


@click.command()
@click.argument("run_id", metavar="RUN", type=int)
@JSON
@click.pass_obj
def changes(session: Session, run_id: int, as_json: bool) -> None:
    """Show what a run changed, or, where it is held, would change: field by field.

    \b
    Example:
      hub feed changes 12
    """
    engine = session.engine()
    with engine.connect() as connection:
        found = changes_of(connection, run_id)
    if as_json:
        show_json({"run": run_id, "differences": found})
    else:
        show_differences(session, found)


def _sums(differences: list[dict[str, Any]]) -> tuple[int, int, int]:
    first = differences[0] if differences else {"added": 0, "changed": 0, "gone": 0}
    return first["added"], first["changed"], first["gone"]


COMMANDS = (held, release, discard, replay, changes)
