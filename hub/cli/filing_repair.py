"""`hub filing repair`: the conditions of an application, what a person confirms, the decision."""

from __future__ import annotations

import click

from hub import filings, repairs
from hub.answers import Texts
from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.filing_result import ANSWER_EN, finish
from hub.cli.output import show_json, show_table
from hub.repair_check import CONFIRMABLE
from hub.review import Desk

CONDITION = click.Choice(CONFIRMABLE)


@click.command()
@click.argument("number")
@click.option("--confirm", type=CONDITION, multiple=True, help="You found that this is so.")
@click.option("--deny", type=CONDITION, multiple=True, help="You found that this isn't so.")
@click.option("--note", help="How you know it.")
@click.option("--grant", "decision", flag_value="grant", help="Grant the application.")
@click.option("--refuse", "decision", flag_value="refuse", help="Refuse the application.")
@click.option("--answer", "text", default="", help="What the party is told, in Chinese.")
@ANSWER_EN
@AS
@JSON
@click.pass_obj
def repair(
    session: Session,
    number: str,
    confirm: tuple[str, ...],
    deny: tuple[str, ...],
    note: str | None,
    decision: str | None,
    text: str,
    text_en: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """An application for credit repair: its conditions; --confirm and --deny are the handler's, and
    another person grants or refuses it.

    \b
    Example:
      hub filing repair SQ20261129-7KQ2M8XF4TE --grant --answer 准予信用修复。 --as li
    """
    engine = session.engine()
    desk = filings.desk_of(engine, session.catalogue(), number, named(actor))
    for met, conditions in ((True, confirm), (False, deny)):
        for one in conditions:
            repairs.confirm(desk, number, one, met=met, why=note)
    if decision is None:
        _show(session, desk, number, as_json)
        return
    texts = Texts(text, text_en)
    job = repairs.decide_repair(desk, number, grant=decision == "grant", texts=texts)
    finish(session, desk, number, job, as_json)


def _show(session: Session, desk: Desk, number: str, as_json: bool) -> None:
    found = repairs.conditions(desk, number)
    told = [
        {
            "condition": one.condition,
            "met": one.met,
            "why": one.why.message("zh_CN"),
            "why_en": one.why.message("en"),
            "basis": one.basis,
        }
        for one in found
    ]
    if as_json:
        show_json({"number": number, "conditions": told})
        return
    words = {True: session.text("met"), False: session.text("not met"), None: session.text("open")}
    rows = [
        (session.text(one.condition), words[one.met], one.why.message(session.locale), one.basis)
        for one in found
    ]
    show_table(session, ("Condition", "State", "Why", "Basis"), rows, "Conditions")
