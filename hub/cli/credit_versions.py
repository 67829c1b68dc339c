"""`hub credit check`, `versions`, `propose`, `activate`, `refuse`: the indicators and who put them into force."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange_schemas.days import today
from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json, show_table

if TYPE_CHECKING:
    from exchange_schemas.catalogue import Catalogue
    from exchange_schemas.credit_rules import CreditRules

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
NUMBER = click.argument("number", type=int)
WHY = click.option("--reason", required=True, help="Why.")


def rules_of_file(file: Path, catalogue: Catalogue) -> CreditRules:
    """The version in a file; raises Misdeclared (credit_rules_invalid)."""
    from exchange_schemas.credit_check import read_rules  # keeps `hub --help` quick

    return read_rules(_text(file), file.name, catalogue)


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8-sig", errors="replace")


def add_versions(group: click.Group) -> None:
    """Put the commands on `hub credit`."""
    for command in (check, versions, propose, activate, refuse):
        group.add_command(command)


@click.command()
@FILE
@JSON
@click.pass_obj
def check(session: Session, file: Path, as_json: bool) -> None:
    """Everything that is wrong with a file of indicators.

    \b
    Example:
      hub credit check 2027.yml
    """
    from exchange_schemas.credit_check import check_rules

    issues = check_rules(_text(file), file.name, session.catalogue())
    if as_json:
        show_json([issue_json(one) for one in issues])
    else:
        show_issues(issues)
        click.echo(session.text("Problems: {count}").format(count=len(issues)))
    if issues:
        sys.exit(1)


@click.command()
@JSON
@click.pass_obj
def versions(session: Session, as_json: bool) -> None:
    """Which version holds, and what was proposed, activated and refused by whom.

    \b
    Example:
      hub credit versions
    """
    from hub.credit.versions import in_force, listing

    with session.engine().connect() as connection:
        now, found = in_force(connection, today()), listing(connection)
    if as_json:
        show_json({"in_force": now.version, "proposals": found})
        return
    click.echo(session.text("In force: {version}").format(version=now.version))
    rows = [(r["id"], r["version"], r["holds_from"], r["proposed_by"], r["activated_by"],
             r["refused_by"], r["reason"]) for r in found]  # fmt: skip
    columns = ("No.", "Version", "Holds from", "Proposed by", "Activated by", "Refused by", "Why")
    show_table(session, columns, rows, "Versions of the indicators")


@click.command()
@FILE
@click.option(
    "--from", "begin", type=click.DateTime(["%Y-%m-%d"]), help="First day, today without it."
)
@WHY
@AS
@JSON
@click.pass_obj
def propose(
    session: Session,
    file: Path,
    begin: datetime | None,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Propose the indicators of a file, to hold from a day on; another person activates them.

    \b
    Example:
      hub credit propose 2027.yml --from 2027-01-01 --reason 年度调整 --as wang
    """
    from hub.credit.versions import Proposal
    from hub.credit.versions import propose as begun
    from hub.database import write

    one = Proposal(_text(file), file.name, begin.date() if begin else today(), reason)
    with write(session.engine()) as connection:
        number = begun(connection, session.catalogue(), one, named(actor))
    if as_json:
        show_json({"number": number})
        return
    click.echo(
        session.text("Proposed as no. {number}; another person activates it.").format(
            number=number
        )
    )


@click.command()
@NUMBER
@AS
@JSON
@click.pass_obj
def activate(session: Session, number: int, actor: str | None, as_json: bool) -> None:
    """Put a proposed version into force from its day on; classes of days that are past stay.

    \b
    Example:
      hub credit activate 3 --as li
    """
    from hub.analysis.asking import ask_for
    from hub.credit.versions import activate as put
    from hub.database import write

    with write(session.engine()) as connection:
        row = put(connection, number, named(actor))
        ask_for(connection, "credit")
    if as_json:
        show_json({"number": number, "version": row["version"], "holds_from": row["holds_from"]})
        return
    text = session.text("Version {version} holds from {day} on.")
    click.echo(text.format(version=row["version"], day=row["holds_from"]))


@click.command()
@NUMBER
@WHY
@AS
@JSON
@click.pass_obj
def refuse(session: Session, number: int, reason: str, actor: str | None, as_json: bool) -> None:
    """Turn a proposed version down.

    \b
    Example:
      hub credit refuse 3 --reason 权重依据不足 --as li
    """
    from hub.credit.versions import refuse as turn_down
    from hub.database import write

    with write(session.engine()) as connection:
        turn_down(connection, number, named(actor), reason)
    if as_json:
        show_json({"number": number, "refused": True})
        return
    click.echo(session.text("Proposal {number} was refused.").format(number=number))
