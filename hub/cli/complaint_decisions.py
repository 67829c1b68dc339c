"""`hub complaint split` and `categorise`: what people decide on suggestions for a ticket."""

from __future__ import annotations

import click

from hub.cli.chosen import AS, JSON
from hub.cli.complaint_acts import TICKET, WHY
from hub.cli.complaint_found import staff
from hub.cli.context import Session
from hub.cli.output import show_json


def add_decisions(group: click.Group) -> None:
    """Add them to the group."""
    for one in (split, categorise):
        group.add_command(one)


@click.command()
@TICKET
@click.option(
    "--whole", is_flag=True, help="It is one thing: don't split it, and don't suggest it again."
)
@WHY
@AS
@JSON
@click.pass_obj
def split(
    session: Session, ticket: str, whole: bool, reason: str, actor: str | None, as_json: bool
) -> None:
    """Split a ticket into a complaint and a report (投诉、举报分别处理), or say that it is one.

    \b
    Example:
      hub complaint split MM12345202611230001 --reason 同时要求退款和查处 --as huang
    """
    from hub.complaints.deciding import APART, WHOLE
    from hub.complaints.splitting import decide
    from hub.terms import office

    one = staff(session, actor)
    at = office(session.site(), session.engine())
    done = decide(at, one, ticket, WHOLE if whole else APART, reason)
    if as_json:
        show_json(done)
    else:
        click.echo(f"{ticket} {'→ ' + done['part_no'] if done['part_no'] else done['choice']}")


@click.command()
@TICKET
@click.option("--category", required=True, help="Code of the category.")
@WHY
@AS
@JSON
@click.pass_obj
def categorise(
    session: Session, ticket: str, category: str, reason: str, actor: str | None, as_json: bool
) -> None:
    """Say which category a ticket without one has; it counts where the platform says none.

    \b
    Example:
      hub complaint categorise MM12345202611230001 --category 0101 --reason 食品 --as zhao
    """
    from hub.complaints.suggestions import choose

    one = staff(session, actor)
    done = choose(
        session.site(), session.engine(), session.catalogue(), one, ticket, category, reason
    )
    if as_json:
        show_json(done)
    else:
        click.echo(f"{ticket}: {done['choice']}")
