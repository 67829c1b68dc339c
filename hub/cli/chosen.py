"""What the commands of `hub review` are told: who decides, on which records, and why."""

from __future__ import annotations

from typing import Any

import click

from exchange_schemas.conditions import parse_condition
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.chosen import Chosen
from hub.cli.context import Session
from hub.decisions import Reason
from hub.review import Desk

AS = click.option("--as", "actor", metavar="USER", help="Who decides.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
RECORDS = click.argument("records", nargs=-1)
ALL = click.option(
    "--all", "everything", is_flag=True, help="Every record that you may decide on."
)
WHERE = click.option(
    "--where",
    "where",
    multiple=True,
    metavar="CONDITION",
    help="Records of which this holds, e.g. 'fine_wan<0.5' or penalty_kinds~罚款; may be repeated.",
)
DIGEST = click.option("--digest", help="Decide only while the public view has this digest.")
REASON = click.option(
    "--reason",
    "code",
    required=True,
    help="Reason code, see exchange_schemas/codes/decision_reasons.csv.",
)
NOTE = click.option("--note", help="The reason in your own words.")


def known(session: Session, dataset: str) -> str:
    """The dataset's name; raises Misdeclared (dataset_unknown)."""
    return session.catalogue().get(dataset).dataset


def named(actor: str | None) -> str:
    """Who decides; raises Misdeclared (actor_missing)."""
    if not actor:
        raise Misdeclared(Issue("actor_missing"))
    return actor


def desk(session: Session, dataset: str, actor: str | None) -> Desk:
    """Where the actor decides."""
    catalogue = session.catalogue()
    engine = session.engine()
    return Desk(engine, catalogue, catalogue.get(dataset), named(actor))


def chosen(
    records: tuple[str, ...], everything: bool, where: tuple[str, ...], digest: str | None
) -> Chosen:
    """The records that a command line names; exactly one way of naming them."""
    if sum((bool(records), everything, bool(where))) != 1:
        raise click.UsageError("give record ids, or --where, or --all")
    if digest and len(records) != 1:
        raise click.UsageError("a digest belongs to one record")
    return Chosen(records, condition(where), digest)


def condition(where: tuple[str, ...]) -> dict[str, Any]:
    """The condition of several `--where`."""
    return dict(parse_condition(where)) if where else {}


def reason(code: str, note: str | None) -> Reason:
    """Why."""
    return Reason(code, note)
