"""`hub audit`: the audit log on the command line."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from hub.audit import chain, export, log
from hub.audit.log import Wanted
from hub.audit.tables import LEAST_DAYS
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import write

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
PERSON = click.option("--person", help="Only what this person did.")
ACT = click.option("--act", help="Only this act, e.g. role.grant.")
SINCE = click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
UNTIL = click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Up to this day.")


@click.group()
def audit() -> None:
    """The audit log: who did what, each entry chained to the one before."""


@audit.command("list")
@PERSON
@ACT
@SINCE
@UNTIL
@click.option("--limit", default=50, show_default=True, help="How many at the most.")
@JSON
@click.pass_obj
def list_entries(
    session: Session, person: str | None, act: str | None, since: object, until: object, limit: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Entries, the newest first.

    \b
    Example:
      hub audit list --person wang --since 2026-11-01
    """
    wanted = Wanted(person, act, since=_day(since), until=_day(until))
    with session.engine().connect() as connection:
        found = log.entries(connection, wanted, limit)
    if as_json:
        show_json(found)
        return
    columns = ("Entry", "When", "Person", "Act", "Subject", "Outcome", "Way", "Address")
    rows = [
        (one["number"], one["at"], one["person"], one["act"], one["subject"],
         session.text(f"noted:{one['outcome']}"), session.text(f"way:{one['way']}"), one["address"])
        for one in found
    ]  # fmt: skip
    show_table(session, columns, rows, "Audit log")


@audit.command()
@JSON
@click.pass_obj
def verify(session: Session, as_json: bool) -> None:
    """Go through the whole log: nothing was changed, deleted, added or moved. Prints its head.

    \b
    Example:
      hub audit verify
    """
    with session.engine().connect() as connection:
        _show_head(session, chain.verify(connection), as_json)


@audit.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@PERSON
@ACT
@SINCE
@UNTIL
@JSON
@click.pass_obj
def export_entries(
    session: Session, file: Path, person: str | None, act: str | None, since: object, until: object,
    as_json: bool,
) -> None:  # fmt: skip
    """Write the entries to FILE, .csv or .jsonl; the log's head is its last line.

    \b
    Example:
      hub audit export audit.jsonl
    """
    form = file.suffix.removeprefix(".").lower()
    if form not in export.FORMS:
        text = session.text("{file} must end in one of {known}")
        raise click.BadParameter(text.format(file=file.name, known=", ".join(export.FORMS)))
    engine = session.engine()
    with write(engine) as connection:  # that it was taken out is itself in the log
        head = chain.head(connection)
    wanted = Wanted(person, act, since=_day(since), until=_day(until))
    with file.open("wb") as out:
        for piece in export.written(form, export.blocks(engine, wanted, head.number), head):
            out.write(piece)
    if as_json:
        show_json({"file": str(file), **asdict(head)})
        return
    text = session.text("Written: {file}; the log ends with entry {number}, digest {digest}")
    click.echo(text.format(file=file, **asdict(head)))


@audit.command()
@click.option("--days", type=int, required=True, help="Delete what is older than so many days.")
@JSON
@click.pass_obj
def forget(session: Session, days: int, as_json: bool) -> None:
    """Delete old entries; those of the last 184 days are kept, and the rest can still be verified.

    \b
    Example:
      hub audit forget --days 400
    """
    with write(session.engine()) as connection:
        gone = log.forget(connection, days)
    if as_json:
        show_json({"deleted": gone, "days": days, "least_days": LEAST_DAYS})
        return
    click.echo(session.text("Deleted: {count}").format(count=gone))


def _show_head(session: Session, head: chain.Head, as_json: bool) -> None:
    if as_json:
        show_json(asdict(head))
        return
    text = session.text(
        "The audit log is whole from entry {first} to entry {number}; digest {digest}"
    )
    click.echo(text.format(**asdict(head)))


def _day(moment: object) -> str | None:
    return str(moment)[:10] if moment else None
