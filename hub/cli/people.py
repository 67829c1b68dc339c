"""`hub people`: who may review, approve and answer, for which department."""

from __future__ import annotations

from dataclasses import asdict

import click

from hub import people as granting
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import write
from hub.states import ROLES

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
DEPARTMENT = click.option(
    "--department", required=True, help="Code of the department, as hub standard list names it."
)
ROLE = click.option(
    "--role", "roles", type=click.Choice(ROLES), multiple=True, required=True, help="The role."
)
AS = click.option("--as", "actor", default="operator", show_default=True, help="Who grants it.")


@click.group()
def people() -> None:
    """People's roles: who decides on disclosures, department by department."""


@people.command()
@click.argument("person")
@DEPARTMENT
@ROLE
@AS
@JSON
@click.pass_obj
def add(
    session: Session,
    person: str,
    department: str,
    roles: tuple[str, ...],
    actor: str,
    as_json: bool,
) -> None:
    """Let a person act for a department, in one role or several.

    \b
    Example:
      hub people add wang --department market_regulation --role reviewer
    """
    engine = session.engine()
    with write(engine) as connection:
        for role in roles:
            granting.grant(connection, person, department, role, actor)
    _show(session, person, as_json)


@people.command()
@click.argument("person")
@DEPARTMENT
@ROLE
@AS
@JSON
@click.pass_obj
def revoke(
    session: Session,
    person: str,
    department: str,
    roles: tuple[str, ...],
    actor: str,
    as_json: bool,
) -> None:
    """Take roles away from now on; what the person decided stays decided.

    \b
    Example:
      hub people revoke wang --department market_regulation --role reviewer
    """
    with write(session.engine()) as connection:
        for role in roles:
            granting.revoke(connection, person, department, role, actor)
    _show(session, person, as_json)


@people.command("list")
@click.argument("person", required=False)
@JSON
@click.pass_obj
def list_people(session: Session, person: str | None, as_json: bool) -> None:
    """Everybody's roles, or those of PERSON.

    \b
    Example:
      hub people list
    """
    _show(session, person, as_json)


def _show(session: Session, person: str | None, as_json: bool) -> None:
    with session.engine().connect() as connection:
        found = [g for g in granting.roles(connection) if person in (None, g.person)]
    if as_json:
        show_json([asdict(one) for one in found])
        return
    rows = [
        (g.person, g.department, session.text(g.role), g.granted_by, g.granted_at) for g in found
    ]
    show_table(session, ("Person", "Department", "Role", "Granted by", "Since"), rows, "People")
