"""`hub review`: what is waiting for approval, and approving it."""

from __future__ import annotations

from typing import Any

import click

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import review as reviewing
from hub import showing
from hub.cli.context import Session
from hub.cli.field_row import title
from hub.cli.output import show_json, show_table
from hub.database import connect

AS = click.option("--as", "actor", metavar="USER", help="Who decides.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def review() -> None:
    """Disclosures that wait for approval."""


@review.command("list")
@click.argument("dataset", required=False)
@JSON
@click.pass_obj
def list_states(session: Session, dataset: str | None, as_json: bool) -> None:
    """How many records are in which state; with DATASET also the pending ones.

    \b
    Example:
      hub review list administrative_penalty
    """
    engine = connect(session.site().database_url)
    if dataset:
        _known(session, dataset)
    with engine.connect() as connection:
        states = reviewing.listing(connection, dataset)
        pending = showing.pending(connection, dataset) if dataset else []
    if as_json:
        show_json({"states": states, "pending": pending})
        return
    rows = [(s["dataset"], s["state"], s["first_by"], s["records"]) for s in states]
    show_table(session, ("Dataset", "State", "First approval by", "Records"), rows, "Review")
    if pending:
        columns = ("Record", "Sequence", "First approval by", "Digest of the public view")
        cells = [tuple(p.values()) for p in pending]
        show_table(session, columns, cells, "Pending")


@review.command()
@click.argument("dataset")
@click.argument("record")
@JSON
@click.pass_obj
def show(session: Session, dataset: str, record: str, as_json: bool) -> None:
    """One record: what the department said, what the public would see, and the view's digest.

    \b
    Example:
      hub review show administrative_penalty 0123456789abcdef
    """
    catalogue = session.catalogue()
    standard = catalogue.get(dataset)
    engine = connect(session.site().database_url)
    with engine.connect() as connection:
        shown = showing.record(connection, catalogue, standard, record)
    if as_json:
        show_json(shown)
        return
    rows = [
        (
            title(session, field),
            session.text(field.tier),
            _cell(shown["record"].get(name)),
            _cell(shown["view"].get(name)),
        )
        for name, field in standard.fields.items()
        if shown["record"].get(name) is not None
    ]
    show_table(session, ("Field", "Tier", "Record", "Public view"), rows, f"{dataset} {record}")
    click.echo(f"{session.text('State')}: {shown['state']}")
    click.echo(f"{session.text('Digest of the public view')}: {shown['view_digest']}")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "；".join(map(str, value))
    return "" if value is None else str(value)


@review.command()
@click.argument("dataset")
@click.argument("records", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every pending record of the dataset.")
@click.option("--digest", help="Approve only while the public view has this digest.")
@AS
@JSON
@click.pass_obj
def approve(
    session: Session,
    dataset: str,
    records: tuple[str, ...],
    everything: bool,
    digest: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Approve records; a second, different person must approve them too.

    \b
    Example:
      hub review approve administrative_penalty 0123456789abcdef --as wang
      hub review approve market_entity --all --as li
    """
    _ask_for_records(records, everything)
    if digest and len(records) != 1:
        raise click.UsageError("a digest belongs to one record")
    engine = connect(session.site().database_url)
    chosen = None if everything else list(records)
    done = reviewing.decide(engine, _known(session, dataset), _named(actor), chosen, digest)
    if as_json:
        show_json(done)
        return
    text = session.text(
        "First approval: {first}. Second approval: {second}. Yours already: {own}."
    )
    click.echo(text.format(**done))


@review.command()
@click.argument("dataset")
@click.argument("records", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why they must not be published.")
@AS
@JSON
@click.pass_obj
def reject(
    session: Session,
    dataset: str,
    records: tuple[str, ...],
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Refuse to publish records, with a reason.

    \b
    Example:
      hub review reject administrative_penalty 0123456789abcdef --as wang --reason 涉及商业秘密
    """
    engine = connect(session.site().database_url)
    count = reviewing.reject(
        engine, _known(session, dataset), _named(actor), list(records), reason
    )
    if as_json:
        show_json({"rejected": count})
    else:
        click.echo(session.text("Rejected: {count}").format(count=count))


def _known(session: Session, dataset: str) -> str:
    return session.catalogue().get(dataset).dataset


def _named(actor: str | None) -> str:
    if not actor:
        raise Misdeclared(Issue("actor_missing"))
    return actor


def _ask_for_records(records: tuple[str, ...], everything: bool) -> None:
    if bool(records) == everything:
        raise click.UsageError("give record ids, or --all")
