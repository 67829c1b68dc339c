"""The acts of `hub complaint`: of the department, the dispatcher and the supervisor."""

from __future__ import annotations

import click

from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json
from hub.complaints import acting
from hub.complaints.efficiency_words import TITLES
from hub.complaints.people import clerk
from hub.complaints.states import ESCALATED
from hub.complaints.steps import DECISIONS, MEDIATIONS, Words
from hub.database import write
from hub.terms import office

TICKET = click.argument("ticket")
WHY = click.option("--reason", required=True, help="The reason in your own words.")


def add_acts(group: click.Group) -> None:
    """Add them to the group."""
    for one in (assign, hand_back, accept, refuse, check, extend, close, tell, supervise):
        group.add_command(one)


def _act(
    session: Session, actor: str | None, ticket: str, name: str, words: Words, json: bool
) -> None:
    site = session.site()
    engine = session.engine()
    with engine.connect() as connection:
        one = clerk(connection, named(actor))
    done = acting.act(office(site, engine), one, ticket, name, words)
    if json:
        show_json(done)
    else:
        state = session.text(TITLES[f"state_{done['state']}"])
        click.echo(f"{ticket}: {state} {done['department'] or ''}".rstrip())


@click.command()
@TICKET
@click.option("--department", required=True, help="Code of the department that is to handle it.")
@click.option("--reason", help="The reason in your own words.")
@AS
@JSON
@click.pass_obj
def assign(
    session: Session,
    ticket: str,
    department: str,
    reason: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Give a ticket that has no department, or was handed back, to one.

    \b
    Example:
      hub complaint assign MM12345202611230001 --department trade --as huang
    """
    engine = session.engine()
    with write(engine) as connection:
        row = acting.find(connection, clerk(connection, named(actor)), ticket)
    name = "decide_department" if row["state"] == ESCALATED else "assign"
    _act(session, actor, ticket, name, Words(reason=reason, department=department), as_json)


@click.command("hand-back")
@TICKET
@WHY
@AS
@JSON
@click.pass_obj
def hand_back(
    session: Session, ticket: str, reason: str, actor: str | None, as_json: bool
) -> None:
    """Not ours: back to the dispatcher; the third time the supervisor decides.

    \b
    Example:
      hub complaint hand-back MM12345202611230001 --reason 属于道路运输 --as zhao
    """
    _act(session, actor, ticket, "hand_back", Words(reason=reason), as_json)


@click.command()
@TICKET
@click.option("--reason", help="The reason in your own words.")
@AS
@JSON
@click.pass_obj
def accept(
    session: Session, ticket: str, reason: str | None, actor: str | None, as_json: bool
) -> None:
    """Accept a complaint (受理); mediation begins.

    \b
    Example:
      hub complaint accept MM12345202611230001 --as zhao
    """
    _act(session, actor, ticket, "accept", Words(reason=reason), as_json)


@click.command()
@TICKET
@click.option(
    "--ground", required=True, help="Number of the ground, as the rule in force lists them."
)
@WHY
@AS
@JSON
@click.pass_obj
def refuse(
    session: Session, ticket: str, ground: str, reason: str, actor: str | None, as_json: bool
) -> None:
    """Refuse a complaint (不予受理) on one of the grounds of the law.

    \b
    Example:
      hub complaint refuse MM12345202611230001 --ground 3 --reason 不是为生活消费 --as zhao
    """
    _act(session, actor, ticket, "refuse", Words(reason=reason, ground=ground), as_json)


@click.command()
@TICKET
@click.option("--decision", required=True, type=click.Choice(DECISIONS), help="What was decided.")
@WHY
@AS
@JSON
@click.pass_obj
def check(
    session: Session, ticket: str, decision: str, reason: str, actor: str | None, as_json: bool
) -> None:
    """Decide on a report (举报) after checking it: open a case, don't, or transfer it.

    \b
    Example:
      hub complaint check MM12345202611230002 --decision 立案 --reason 经核查属实 --as zhao
    """
    _act(session, actor, ticket, "decide", Words(reason=reason, decision=decision), as_json)


@click.command()
@TICKET
@WHY
@AS
@JSON
@click.pass_obj
def extend(session: Session, ticket: str, reason: str, actor: str | None, as_json: bool) -> None:
    """Extend the term for checking a report, once, as the rule allows.

    \b
    Example:
      hub complaint extend MM12345202611230002 --reason 需要检验 --as zhao
    """
    _act(session, actor, ticket, "extend", Words(reason=reason), as_json)


@click.command()
@TICKET
@click.option(
    "--result", "reason", required=True, help="What came of it, for the platform to tell."
)
@click.option("--mediation", type=click.Choice(MEDIATIONS), help="How mediation ended.")
@AS
@JSON
@click.pass_obj
def close(
    session: Session,
    ticket: str,
    reason: str,
    mediation: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Close a ticket with its result, which goes back to the platform.

    \b
    Example:
      hub complaint close MM12345202611230001 --result 双方达成协议 --mediation 达成 --as zhao
    """
    _act(session, actor, ticket, "close", Words(reason=reason, mediation=mediation), as_json)


@click.command()
@TICKET
@click.option("--reason", help="The reason in your own words.")
@AS
@JSON
@click.pass_obj
def tell(
    session: Session, ticket: str, reason: str | None, actor: str | None, as_json: bool
) -> None:
    """Note that who complained or reported was told; or why nobody could be, where it was anonymous.

    \b
    Example:
      hub complaint tell MM12345202611230002 --as zhao
    """
    _act(session, actor, ticket, "tell", Words(reason=reason), as_json)


@click.command()
@TICKET
@WHY
@AS
@JSON
@click.pass_obj
def supervise(
    session: Session, ticket: str, reason: str, actor: str | None, as_json: bool
) -> None:
    """Put a ticket on the supervision list by hand (督办); the department's head is told.

    \b
    Example:
      hub complaint supervise MM12345202611230001 --reason 群众反映强烈 --as liu
    """
    _act(session, actor, ticket, "supervise", Words(reason=reason), as_json)
