"""`hub review`: what is waiting, and what it looks like."""

from __future__ import annotations

from typing import Any

import click

from hub import review as reviewing
from hub import samples, showing
from hub.cli.chosen import AS, JSON, WHERE, condition, named
from hub.cli.context import Session
from hub.cli.field_row import title
from hub.cli.output import show_json, show_table
from hub.cli.review_acts import ACTS
from hub.cli.review_bulk import policy, sample
from hub.cli.review_holders import holders
from hub.cli.words import state_name
from hub.database import write


@click.group()
def review() -> None:
    """Disclosures: what the public may see of each record, and who said so."""


@review.command("list")
@click.argument("dataset", required=False)
@WHERE
@click.option("--most", default=100, show_default=True, help="How many at the most.")
@JSON
@click.pass_obj
def list_states(
    session: Session, dataset: str | None, where: tuple[str, ...], most: int, as_json: bool
) -> None:
    """How many records are in which state; with DATASET also those that wait, the most urgent first.

    \b
    Example:
      hub review list administrative_penalty --where doc_no=茂市监处罚〔2024〕18号
    """
    if where and not dataset:
        raise click.UsageError("--where is about the records of a DATASET")
    catalogue = session.catalogue()
    standard = catalogue.get(dataset) if dataset else None
    with session.engine().connect() as connection:
        states = reviewing.listing(connection, dataset)
        pending = []
        if standard is not None:
            asked = condition(where)
            pending = showing.pending(connection, catalogue, standard, asked, most)
    if as_json:
        show_json({"states": states, "pending": pending})
        return
    rows = [
        (s["dataset"], s["department"], state_name(session, s["state"]), s["records"])
        for s in states
    ]
    show_table(session, ("Dataset", "Department", "State", "Records"), rows, "Review")
    if pending:
        columns = (
            "Record",
            "Sequence",
            "State",
            "Department",
            "Reviewed by",
            "Publish by",
            "Digest",
        )
        cells = [(*{**p, "state": state_name(session, p["state"])}.values(),) for p in pending]
        show_table(session, columns, cells, "Waiting")


@review.command()
@click.argument("dataset")
@click.argument("record")
@click.option(
    "--sample", "sample_id", type=int, help="Note that it was looked at for this sample."
)
@AS
@JSON
@click.pass_obj
def show(
    session: Session,
    dataset: str,
    record: str,
    sample_id: int | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """One record beside its public view: what is masked, what has changed, what was decided.

    \b
    Example:
      hub review show administrative_penalty 0123456789abcdef
    """
    catalogue = session.catalogue()
    standard = catalogue.get(dataset)
    engine = session.engine()
    with engine.connect() as connection:
        shown = showing.record(connection, catalogue, standard, record)
    if sample_id is not None:
        with write(engine) as connection:
            digest = bytes.fromhex(shown["view_digest"])
            samples.see(connection, sample_id, named(actor), record, digest)
    if as_json:
        show_json(shown)
        return
    _show_fields(session, standard, shown)
    _show_history(session, shown)


def _show_fields(session: Session, standard: Any, shown: dict[str, Any]) -> None:
    rows = [
        (
            title(session, field),
            session.text(field.tier),
            _cell(shown["record"].get(name)),
            _cell(shown["view"].get(name)),
            _cell(shown["difference"].get(name, {}).get("before")),
            "；".join(_place(session, h) for h in shown["hits"] if h["field"] == name),
        )
        for name, field in standard.fields.items()
        if shown["record"].get(name) is not None or name in shown["difference"]
    ]
    columns = ("Field", "Tier", "Record", "Public view", "Approved before", "Private data")
    show_table(session, columns, rows, f"{shown['dataset']} {shown['record_id']}")


def _show_history(session: Session, shown: dict[str, Any]) -> None:
    clocks = shown["clocks"]
    rows = [
        (session.text(name), clocks.get(day) or "", clocks.get(rule) or "")
        for name, day, rule in (
            ("Publish by", "publish_by", "publish_rule"),
            ("Public until", "public_until", "until_rule"),
            ("The other rule's end", "other_until", "other_rule"),
            ("Send to the party's registry by", "push_by", "push_rule"),
        )
        if day != "push_by" or clocks.get(day)
    ]
    show_table(session, ("Clock", "Day", "Rule"), rows, "Clocks")
    moves = [
        (
            m["at"],
            m["actor"],
            session.text(m["act"]),
            state_name(session, m["state"]),
            m["reason_code"] or "",
            m["legal_basis"] or m["rule"] or "",
        )
        for m in shown["history"]
    ]
    columns = ("At", "By", "Act", "State", "Reason", "Basis")
    show_table(session, columns, moves, "Decisions")
    click.echo(
        f"{session.text('State')}: {state_name(session, shown['state'])} {shown['why'] or ''}"
    )
    click.echo(f"{session.text('Digest of the public view')}: {shown['view_digest']}")


def _place(session: Session, hit: dict[str, Any]) -> str:
    """Which private data a field shows, and between which characters."""
    first = int(hit["start"]) + 1
    return f"{session.text(hit['kind'])} {first}–{first + int(hit['length']) - 1}"


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "；".join(map(str, value))
    return "" if value is None else str(value)


for command in (*ACTS, holders, sample, policy):
    review.add_command(command)
