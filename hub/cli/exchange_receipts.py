"""`hub exchange receipts` and `hub exchange overdue`."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click
from sqlalchemy import Connection, select

from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.consumers.secret import read_master
from hub.exchange import receipt_views
from hub.exchange.overdue import overdue as overdue_now
from hub.exchange.receipt_proof import Proved, prove
from hub.exchange.receipt_streams import streams_of
from hub.exchange.still_used import still_used
from hub.tables import consumer, dataset


@click.command()
@click.option("--consumer", "name", help="Only this consumer's.")
@click.option(
    "--verify", is_flag=True, help="Prove every kept signature and every range again instead."
)
@JSON
@click.pass_obj
def receipts(session: Session, name: str | None, verify: bool, as_json: bool) -> None:
    """How far each consumer has answered for what it was given; with --verify, proofs of it.

    \b
    Example:
      hub exchange receipts --verify
    """
    site = session.site()
    engine = session.engine()
    with engine.connect() as connection:
        if verify:
            proved = prove(connection, read_master(site.keys), name)
        else:
            found = _standing(connection, name)
    if verify:
        _show_proved(session, proved, as_json)
    elif as_json:
        show_json({"receipts": found})
    else:
        columns = (
            "Consumer", "Dataset", "View", "Given", "Taken", "Refused", "Erased", "Unanswered",
            "Taken up to",
        )  # fmt: skip
        show_table(session, columns, (tuple(one.values()) for one in found), "Receipts")


def _standing(connection: Connection, name: str | None) -> list[dict[str, object]]:
    query = select(consumer.c.id, consumer.c.name).order_by(consumer.c.name)
    if name is not None:
        query = query.where(consumer.c.name == name)
    names = connection.execute(select(dataset.c.name).order_by(dataset.c.name)).scalars().all()
    return [
        {"consumer": who, "dataset": one, "view": view}
        | receipt_views.standing(connection, number, stream)
        for number, who in connection.execute(query).all()
        for one in names
        for stream, view in streams_of(connection, number, one)
    ]


def _show_proved(session: Session, proved: Proved, as_json: bool) -> None:
    wrong = [issue for issue in proved.issues if issue.severity == "error"]
    if as_json:
        told = {**asdict(proved), "issues": [issue_json(issue) for issue in proved.issues]}
        show_json(told)
    else:
        show_issues(proved.issues)
        text = session.text("Messages: {messages}, signed: {signed}, proved: {proved}")
        counts = {"messages": proved.messages, "signed": proved.signed, "proved": proved.proved}
        click.echo(text.format(**counts))
    if wrong:
        sys.exit(1)


@click.command()
@click.option("--check", is_flag=True, help="End with exit code 1 where anything is overdue.")
@JSON
@click.pass_obj
def overdue(session: Session, check: bool, as_json: bool) -> None:
    """Consumers that owe receipts, or the word that they use a withdrawn record no more.

    \b
    Example:
      hub exchange overdue --check
    """
    engine = session.engine()
    with engine.connect() as connection:
        late, used = overdue_now(connection), still_used(connection)
    if as_json:
        told = {"overdue": [asdict(o) for o in late], "still_used": [asdict(o) for o in used]}
        show_json(told)
    else:
        columns = ("Consumer", "Dataset", "View", "Entries", "From", "To", "Given since", "Hours")
        rows = [
            (o.consumer, o.dataset, o.view, o.entries, o.first, o.last, o.since, o.hours)
            for o in late
        ]
        show_table(session, columns, rows, "Overdue receipts")
        named = ("Consumer", "Dataset", "Records", "Told since")
        unsaid = [(o.consumer, o.dataset, o.records, o.since) for o in used]
        show_table(session, named, unsaid, "Withdrawn records that are still used")
    if check and (late or used):
        sys.exit(1)
