"""`hub exchange status|seal|snapshot|checkpoint`: the streams that consumers pull."""

from __future__ import annotations

from dataclasses import asdict

import click
from sqlalchemy import Engine

from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal
from hub.exchange import checkpoints, keeping, snapshots
from hub.exchange.standing import standing
from hub.exchange.views import View, find_view, views_of
from hub.site import Site

VIEW = click.option("--view", help="One view of the dataset; all if left out.")
COLUMNS = {
    "dataset": "Dataset", "view": "View", "size": "Entries", "sealed": "Sealed",
    "waiting": "Waiting", "erased": "Erased", "bytes": "Bytes", "snapshot": "Snapshot",
    "checkpoint": "Checkpoint",
}  # fmt: skip


@click.command()
@click.argument("dataset", required=False)
@JSON
@click.pass_obj
def status(session: Session, dataset: str | None, as_json: bool) -> None:
    """How each stream stands: entries, how many are sealed in files, how many wait in the ledger.

    \b
    Example:
      hub exchange status
    """
    _, engine = _opened(session)
    with engine.connect() as connection:
        found = standing(connection, dataset)
    if as_json:
        show_json(found)
        return
    rows = [[one[name] for name in COLUMNS] for one in found]
    show_table(session, tuple(COLUMNS.values()), rows, "Streams")


@click.command()
@click.argument("dataset", required=False)
@VIEW
@JSON
@click.pass_obj
def seal(session: Session, dataset: str | None, view: str | None, as_json: bool) -> None:
    """Take what is new into the streams and seal whole segments, as the job after each run does.

    What a process that died has left among the files is removed.

    \b
    Example:
      hub exchange seal market_entity
    """
    site, engine = _opened(session)
    catalogue, done = site.catalogue(), []
    for one in _views(engine, dataset, view):
        with terminal(session, f"{one.dataset}/{one.name}") as progress:
            kept = keeping.keep(site, engine, catalogue, one, progress)
        done.append({"dataset": one.dataset, "view": one.name, **kept})
    if as_json:
        show_json(done)
        return
    rows = [[one["dataset"], one["view"], one["size"], one["sealed"]] for one in done]
    show_table(session, ("Dataset", "View", "Entries", "New segments"), rows, "Streams")


@click.command()
@click.argument("dataset")
@VIEW
@JSON
@click.pass_obj
def snapshot(session: Session, dataset: str, view: str | None, as_json: bool) -> None:
    """Make a file of what is living at the sealed size, for consumers that come new.

    \b
    Example:
      hub exchange snapshot market_entity --view government
    """
    site, engine = _opened(session)
    done = {}
    for one in _views(engine, dataset, view):
        with terminal(session, f"{one.dataset}/{one.name}") as progress:
            done[one.name] = snapshots.make(site, engine, one, progress)
    if as_json:
        show_json({name: asdict(made) if made else None for name, made in done.items()})
        return
    for name, made in done.items():
        text = "{view}: {records} living records at {seq}" if made else "{view}: nothing is sealed"
        told = asdict(made) if made else {}
        click.echo(session.text(text).format(view=name, **told))


@click.command()
@click.argument("dataset")
@VIEW
@click.option("--size", type=int, help="Of the first so many entries; all if left out.")
@JSON
@click.pass_obj
def checkpoint(
    session: Session, dataset: str, view: str | None, size: int | None, as_json: bool
) -> None:
    """Sign size and root of a stream, after comparing them with what was signed before.

    \b
    Example:
      hub exchange checkpoint market_entity --view government
    """
    site, engine = _opened(session)
    views = _views(engine, dataset, view)
    notes = {one.name: checkpoints.checkpoint(site, engine, one, size) for one in views}
    if as_json:
        show_json(notes)
        return
    for note in notes.values():
        click.echo(note)


def _opened(session: Session) -> tuple[Site, Engine]:
    site = session.site()
    engine = session.engine()
    return site, engine


def _views(engine: Engine, dataset: str | None, view: str | None) -> list[View]:
    with engine.connect() as connection:
        if dataset is not None and view is not None:
            return [find_view(connection, dataset, view)]
        return [one for one in views_of(connection, dataset) if view in (None, one.name)]
