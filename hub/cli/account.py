"""`hub account`: who may enter the console; the first administrators are named here, once."""

from __future__ import annotations

import getpass
from dataclasses import asdict

import click

from hub.accounts import account as accounts
from hub.accounts.beginning import begin as name_administrators
from hub.accounts.invitation import LASTS_HOURS
from hub.accounts.offices import OFFICES
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.database import write

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
PATH = "/console/invitation/"


@click.group()
def account() -> None:
    """Accounts of the staff console: the first administrators, and who else there is."""


@account.command()
@click.option("--system", required=True, help="Who makes accounts and looks after the hub.")
@click.option("--security", required=True, help="Who grants roles and appoints administrators.")
@click.option("--audit", required=True, help="Who reads the audit log.")
@JSON
@click.pass_obj
def begin(session: Session, system: str, security: str, audit: str, as_json: bool) -> None:
    """Name the three administrators of a new site, and print each one's invitation, once.

    They need three people. Each opens the invitation in a browser and chooses a password.

    \b
    Example:
      hub account begin --system zhang --security lin --audit he
    """
    named = dict(zip(OFFICES, (system, security, audit), strict=True))
    with write(session.engine()) as connection:
        made = name_administrators(connection, named, _me())
    _show_invitations(session, made, as_json)


@account.command("list")
@JSON
@click.pass_obj
def list_accounts(session: Session, as_json: bool) -> None:
    """All accounts, with their office and how far they got; closed ones last.

    \b
    Example:
      hub account list
    """
    with session.engine().connect() as connection:
        found = accounts.accounts(connection)
    if as_json:
        show_json([asdict(one) for one in found])
        return
    yes, no = session.text("yes"), session.text("no")
    rows = [
        (one.person, one.name, one.department or "", session.text(f"office:{one.office}") if one.office else "",
         session.text(f"account:{one.state}"), yes if one.has_password else no, yes if one.has_codes else no)
        for one in found
    ]  # fmt: skip
    columns = ("Person", "Called", "Department", "Office", "State", "Password set", "Codes set up")
    show_table(session, columns, rows, "Accounts")


@account.command()
@click.argument("person")
@JSON
@click.pass_obj
def invite(session: Session, person: str, as_json: bool) -> None:
    """Invite PERSON again, who forgot the password; the one before counts until the new one is set.

    \b
    Example:
      hub account invite zhang
    """
    with write(session.engine()) as connection:
        token = accounts.invite_again(connection, person)
    _show_invitations(session, {person: token}, as_json)


def _show_invitations(session: Session, made: dict[str, str], as_json: bool) -> None:
    told = {person: f"{PATH}{token}" for person, token in made.items()}
    if as_json:
        show_json({"invitations": told, "hours": LASTS_HOURS})
        return
    for person, path in told.items():
        click.echo(f"{person}  {path}")
    text = session.text(
        "Put the address of the hub before each, hand it to its person in private, and to nobody else. "
        "It is good once, for {hours} hours, and isn't shown again."
    )
    click.echo(text.format(hours=LASTS_HOURS))


def _me() -> str:
    return f"os:{getpass.getuser()}"
