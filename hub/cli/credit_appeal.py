"""`hub credit appeal`: appeals against what counts."""

from __future__ import annotations

from datetime import datetime

import click

from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json, show_table

ACTS = ("uphold", "exclude", "correct", "undo")


@click.group()
def appeal() -> None:
    """Appeals against what counts: taken in by one person, decided by another."""


@appeal.command("list")
@click.option(
    "--state",
    type=click.Choice(["open", "upheld", "excluded", "corrected"]),
    help="Only this state.",
)
@click.option("--subject", help="Only of this subject.")
@JSON
@click.pass_obj
def listed(session: Session, state: str | None, subject: str | None, as_json: bool) -> None:
    """The appeals, those that are due first.

    \b
    Example:
      hub credit appeal list --state open
    """
    from hub.credit.appeals import listing  # keeps `hub --help` quick
    from hub.credit.explaining import appeals_of

    with session.engine().connect() as connection:
        mine = appeals_of(session.site(), connection, subject) if subject else None
        found = listing(connection, state, mine)
    if as_json:
        show_json(found)
        return
    rows = [(r["id"], r["subject"], r["indicator"], r["key"], session.text(f"appeal:{r['state']}"),
             r["due_on"], session.text("overdue") if r["late"] else "") for r in found]  # fmt: skip
    columns = ("No.", "Market subject", "Indicator", "Record", "State", "Due", "Late")
    show_table(session, columns, rows, "Appeals")


@appeal.command()
@click.argument("number", type=int)
@JSON
@click.pass_obj
def show(session: Session, number: int, as_json: bool) -> None:
    """An appeal and everything that was done about it.

    \b
    Example:
      hub credit appeal show 1
    """
    from hub.credit.appeals import find, steps

    with session.engine().begin() as connection:
        row, done = dict(find(connection, number)), steps(connection, number)
    if as_json:
        show_json({**row, "steps": done})
        return
    show_table(session, ("Field", "Value"), row.items(), "Appeal")
    rows = [
        (s["at"], session.text(f"appeal_act:{s['act']}"), s["actor"], s["reason"], s["until"])
        for s in done
    ]
    show_table(session, ("At", "Act", "Who", "Why", "Until"), rows, "Steps")


@appeal.command()
@click.argument("subject")
@click.argument("record")
@click.option("--claimant", required=True, help="Who appeals.")
@click.option("--disputed", required=True, help="What they say is wrong.")
@click.option("--evidence", required=True, help="What they showed for it.")
@AS
@JSON
@click.pass_obj
def take(
    session: Session,
    subject: str,
    record: str,
    claimant: str,
    disputed: str,
    evidence: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Take an appeal in: RECORD is the key of the record, or the whole line of the contribution.

    \b
    Example:
      hub credit appeal take 91440902MA0000001X YC0001 --claimant 信宜市商行 --disputed 已移出 --evidence 移出决定书 --as zhao
    """
    from hub.credit import appeals
    from hub.credit.explaining import find_contribution
    from hub.database import write

    site, engine = session.site(), session.engine()
    catalogue, person = site.catalogue(), named(actor)
    with engine.connect() as connection:
        line = find_contribution(site, connection, catalogue, subject, record)
    claim = appeals.Claim(
        subject, line.dataset, line.key, line.indicator, claimant, disputed, evidence
    )
    with write(engine) as connection:
        number = appeals.take(connection, catalogue.law().calendar, claim, person)
        due = appeals.find(connection, number)["due_on"]
    if as_json:
        show_json({"number": number, "due_on": due})
        return
    click.echo(session.text("Taken as no. {number}, due on {day}.").format(number=number, day=due))


@appeal.command()
@click.argument("number", type=int)
@click.argument("act", type=click.Choice(ACTS))
@click.option("--reason", required=True, help="Why.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Of exclude: the day on which it counts again.",
)
@AS
@JSON
@click.pass_obj
def decide(
    session: Session,
    number: int,
    act: str,
    reason: str,
    until: datetime | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Decide on an appeal: uphold the record, exclude it, have it corrected; or undo a decision.

    \b
    Example:
      hub credit appeal decide 1 exclude --reason 处罚决定已被撤销 --as li
    """
    from hub.credit import appeals
    from hub.database import write

    calendar = session.site().catalogue().law().calendar
    last = until.date() if until else None
    with write(session.engine()) as connection:
        done = appeals.decide(connection, calendar, number, act, named(actor), reason, last)
    if as_json:
        show_json(done)
        return
    text = session.text("Appeal {number}: {state}. The next computing takes it in.")
    click.echo(text.format(number=number, state=session.text(f"appeal:{done['state']}")))
