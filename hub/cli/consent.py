"""`hub consent`: third parties who are asked before something is published."""

from __future__ import annotations

import click

from hub import consents
from hub.cli.chosen import AS, JSON, desk, known
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.review import Desk
from hub.tables_of_filings import CONSENT_ANSWERS, CONSENT_DECISIONS


@click.group()
def consent() -> None:
    """Third parties' consent: what may be somebody's secret waits until they were asked."""


@consent.command()
@click.argument("dataset")
@click.argument("record")
@click.option("--party", required=True, help="Who is asked.")
@AS
@JSON
@click.pass_obj
def ask(
    session: Session, dataset: str, record: str, party: str, actor: str | None, as_json: bool
) -> None:
    """Note that a third party was asked today; nobody reviews or approves the record meanwhile.

    \b
    Example:
      hub consent ask administrative_penalty 0123456789abcdef --party 某某有限公司 --as wang
    """
    at = desk(session, dataset, actor)
    _show(session, at, consents.ask(at, record, party), as_json)


@consent.command()
@click.argument("dataset")
@click.argument("number", type=int)
@click.argument("said", type=click.Choice(CONSENT_ANSWERS))
@click.option("--note", help="What the party said.")
@AS
@JSON
@click.pass_obj
def answer(
    session: Session,
    dataset: str,
    number: int,
    said: str,
    note: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Note what the party said: agreed, refused, or none once its last day is over.

    \b
    Example:
      hub consent answer administrative_penalty 3 agreed --as wang
    """
    at = desk(session, dataset, actor)
    consents.answer(at, number, said, note)
    _show(session, at, number, as_json)


@consent.command()
@click.argument("dataset")
@click.argument("number", type=int)
@click.argument("decision", type=click.Choice(CONSENT_DECISIONS))
@click.option("--note", required=True, help="The reason in your own words.")
@AS
@JSON
@click.pass_obj
def decide(
    session: Session,
    dataset: str,
    number: int,
    decision: str,
    note: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Where the party didn't agree: publish nevertheless in the public interest, or reject the record.

    \b
    Example:
      hub consent decide administrative_penalty 3 publish --note 涉及公共安全 --as li
    """
    at = desk(session, dataset, actor)
    consents.decide_consent(at, number, decision, note)
    _show(session, at, number, as_json)


@consent.command("list")
@click.argument("dataset", required=False)
@click.option("--all", "closed", is_flag=True, help="Also those that were answered.")
@JSON
@click.pass_obj
def list_consents(session: Session, dataset: str | None, closed: bool, as_json: bool) -> None:
    """Whose answer is waited for, and until when.

    \b
    Example:
      hub consent list
    """
    if dataset:
        known(session, dataset)
    engine = session.engine()
    with engine.connect() as connection:
        found = consents.listing(connection, dataset, closed=closed)
    if as_json:
        show_json(found)
        return
    columns = ("Consent", "Dataset", "Record", "Asked on", "Due", "Answer", "Decision")
    rows = [
        (
            one["id"],
            one["dataset"],
            one["record_id"],
            one["asked_on"],
            f"{one['due']} {session.text('overdue')}" if one["overdue"] else one["due"],
            one["answer"] and session.text(one["answer"]),
            one["decision"] and session.text(one["decision"]),
        )
        for one in found
    ]
    show_table(session, columns, rows, "Consents")


def _show(session: Session, at: Desk, number: int, as_json: bool) -> None:
    with at.engine.connect() as connection:
        shown = consents.show(connection, at, number)
    if as_json:
        show_json(shown)
        return
    text = session.text("Consent {id}: due {due}; the record waits for {hold}")
    hold = shown["hold"] or session.text("nothing")
    click.echo(text.format(id=number, due=shown["due"], hold=hold))
