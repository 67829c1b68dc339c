"""`hub grant`: what is applied for, decided and granted."""

from __future__ import annotations

from typing import Any

import click

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.cli.chosen import AS, JSON, named
from hub.cli.consumer_log import department_log, show_steps
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.consumers.consumer import consumer_named
from hub.consumers.events import OPERATOR, events_of
from hub.database import write
from hub.grants import granting
from hub.grants.book import listing
from hub.grants.granting import Verdict
from hub.grants.terms import Terms, names

STANDINGS = ("applied", "overdue", "coming", "living", "ended", "refused", "revoked")


@click.group()
def grant() -> None:
    """Grants of data: applied for, decided by the department that owns them, revoked."""


grant.add_command(department_log)


@grant.command()
@click.argument("consumer")
@click.option("--dataset", required=True, help="The dataset.")
@click.option(
    "--audience", metavar="[government|industry|public]", help="Whose view; its own if left out."
)
@click.option("--association", metavar="USCC", help="Whose records, of industry organisations.")
@click.option(
    "--field", "fields", multiple=True, help="A field that it gets; all if none is named."
)
@click.option("--purpose", default="", help="What the data are for.")
@click.option("--legal-basis", default="", help="The law that allows it.")
@click.option("--from", "valid_from", metavar="DAY", help="First day; today if left out.")
@click.option("--until", "valid_until", metavar="DAY", help="Last day.")
@click.option("--rate", type=int, help="Requests a minute.")
@click.option(
    "--receipts-within", type=int, metavar="HOURS", help="Receipts are owed in this time."
)
@click.option("--as", "actor", default=OPERATOR, show_default=True, help="Who applies.")
@JSON
@click.pass_obj
def apply(session: Session, /, consumer: str, as_json: bool, actor: str, **asked: Any) -> None:
    """Apply for a dataset on behalf of a consumer; granted at once where it is shared unconditionally.

    \b
    Example:
      hub grant apply 省平台 --dataset complaint_report --purpose 效能监察 --legal-basis 监察法第十八条
    """
    engine = session.engine()
    catalogue = session.catalogue()
    with write(engine) as connection:
        who = consumer_named(connection, consumer)
        terms = Terms(
            receipts_within_hours=asked.pop("receipts_within"),
            fields=names(asked.pop("fields")),
            valid_from=asked.pop("valid_from") or today().isoformat(),
            audience=asked.pop("audience") or who.audience,
            **asked,
        )
        number = granting.apply_for(connection, catalogue, who, terms, actor)
    _show_one(session, number, as_json)


@grant.command()
@click.argument("number", type=int)
@click.option("--grant/--refuse", "granted", default=None, required=True, help="The decision.")
@click.option("--reason", help="Why; needed to refuse.")
@click.option("--legal-ground", help="The legal ground of a refusal.")
@AS
@JSON
@click.pass_obj
def decide(
    session: Session,
    number: int,
    granted: bool,
    reason: str | None,
    legal_ground: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Grant or refuse an application, as an approver of the department that owns the data.

    \b
    Example:
      hub grant decide 3 --refuse --reason 与职责无关 --legal-ground 政务数据共享条例 --as li
    """
    verdict = Verdict(granted, named(actor), reason, legal_ground)
    with write(session.engine()) as connection:
        granting.decide(connection, session.catalogue(), number, verdict)
    _show_one(session, number, as_json)


@grant.command()
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why.")
@AS
@JSON
@click.pass_obj
def revoke(session: Session, number: int, reason: str, actor: str | None, as_json: bool) -> None:
    """End a grant from now on; the next request is refused already.

    \b
    Example:
      hub grant revoke 3 --reason 事项已办结 --as li
    """
    with write(session.engine()) as connection:
        granting.revoke_grant(connection, session.catalogue(), number, named(actor), reason)
    _show_one(session, number, as_json)


@grant.command("list")
@click.option("--consumer", help="Only this consumer's.")
@click.option("--department", help="Only of data that this department owns.")
@click.option(
    "--standing", "standings", multiple=True, type=click.Choice(STANDINGS), help="Only these."
)
@JSON
@click.pass_obj
def list_grants(
    session: Session,
    consumer: str | None,
    department: str | None,
    standings: tuple[str, ...],
    as_json: bool,
) -> None:
    """Applications and grants; what should have been answered by now shows as overdue.

    \b
    Example:
      hub grant list --department market_regulation --standing overdue
    """
    engine = session.engine()
    with engine.connect() as connection:
        number = consumer_named(connection, consumer).id if consumer else None
        found = listing(connection, session.catalogue(), today(), number, department, standings)
    if as_json:
        show_json(found)
        return
    rows = [
        (one["id"], one["consumer"], one["dataset"], one["audience"],
         session.text(one["standing"]), one["purpose"], one["owner"], one["decide_by"],
         one["valid_from"], one["valid_until"])
        for one in found
    ]  # fmt: skip
    columns = (
        "No.", "Consumer", "Dataset", "Audience", "Standing", "Purpose", "Owner", "Answer by",
        "From", "Until",
    )  # fmt: skip
    show_table(session, columns, rows, "Grants")


@grant.command()
@click.argument("number", type=int)
@JSON
@click.pass_obj
def show(session: Session, number: int, as_json: bool) -> None:
    """One application or grant with every step: who, when, why.

    \b
    Example:
      hub grant show 3
    """
    _show_one(session, number, as_json)


def _show_one(session: Session, number: int, as_json: bool) -> None:
    engine = session.engine()
    with engine.connect() as connection:
        found = listing(connection, session.catalogue(), today(), grant_id=number)
        steps = events_of(connection, grant_id=number)
    if not found:
        raise Misdeclared(Issue("grant_unknown", value=str(number)[:32]))
    if as_json:
        show_json({**found[0], "steps": steps})
        return
    for name, value in found[0].items():
        if value is not None:
            told = session.text(value) if name == "standing" else value
            click.echo(f"{name}: {told}")
    show_steps(session, steps, as_json=False)
