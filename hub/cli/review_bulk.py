"""`hub review sample` and `hub review policy`: deciding on many records at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from exchange_schemas.days import today
from hub import bulk_review, ledger, policies
from hub.cli.chosen import AS, JSON, WHERE, condition, desk, known, named
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.review_acts import EXAMINED
from hub.database import write

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def sample() -> None:
    """A change set: draw a sample, look at it, decide on the whole."""


@sample.command()
@click.argument("dataset")
@click.argument("act", type=click.Choice(bulk_review.ACTS))
@WHERE
@click.option("--size", type=int, help="How many to look at; never fewer than the rule says.")
@AS
@JSON
@click.pass_obj
def draw(
    session: Session,
    dataset: str,
    act: str,
    where: tuple[str, ...],
    size: int | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Draw a sample of what you may review or approve; without --where of all of it.

    \b
    Example:
      hub review sample draw market_entity review --where domicile_division=440902 --as wang
    """
    made = bulk_review.draw_sample(desk(session, dataset, actor), act, condition(where), size)
    if as_json:
        show_json(made)
        return
    text = session.text("Sample {sample}: {records} records, of which these have to be looked at:")
    click.echo(text.format(sample=made["sample"], records=made["records"]))
    rows = [(one["record_id"], one["view_digest"]) for one in made["drawn"]]
    show_table(session, ("Record", "Digest"), rows)


@sample.command("decide")
@click.argument("dataset")
@click.argument("number", type=int)
@EXAMINED[0]
@EXAMINED[1]
@AS
@JSON
@click.pass_obj
def decide_on(
    session: Session,
    dataset: str,
    number: int,
    secrecy: bool,
    privacy: bool,
    actor: str | None,
    as_json: bool,
) -> None:
    """Decide on the whole change set, once you looked at every record that was drawn.

    \b
    Example:
      hub review sample decide market_entity 3 --as wang
    """
    at = desk(session, dataset, actor)
    done = bulk_review.decide_sample(at, number, secrecy=secrecy, privacy=privacy)
    if as_json:
        show_json({"records": done})
    else:
        click.echo(session.text("Records: {count}").format(count=done))


@click.group()
def policy() -> None:
    """Rules by which the hub approves by itself; two people sign them."""


@policy.command()
@click.argument("dataset")
@click.option(
    "--department", required=True, help="Code of the department whose records it covers."
)
@WHERE
@click.option("--reason", required=True, help="Why no person has to look at these records.")
@click.option("--basis", required=True, help="The legal basis.")
@click.option("--from", "begin", type=DAY, required=True, help="First day.")
@click.option("--to", "end", type=DAY, help="Last day.")
@AS
@JSON
@click.pass_obj
def propose(
    session: Session,
    dataset: str,
    department: str,
    where: tuple[str, ...],
    reason: str,
    basis: str,
    begin: date,
    end: date | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Propose a policy; it approves nothing before another person puts it into force.

    \b
    Example:
      hub review policy propose market_entity --department market_regulation --as wang \\
        --reason 登记信息依法公示 --basis "企业信息公示暂行条例 第六条" --from 2026-12-01
    """
    standard = session.catalogue().get(dataset)
    days = [None if day is None else date.fromisoformat(f"{day:%Y-%m-%d}") for day in (begin, end)]
    told = policies.Proposal(
        dataset, department, condition(where), reason, basis, days[0] or begin, days[1]
    )
    with write(session.engine()) as connection:
        made = policies.propose(connection, standard, told, named(actor))
    if as_json:
        show_json({"policy": made})
    else:
        click.echo(session.text("Policy {number}").format(number=made))


@policy.command("approve")
@click.argument("dataset")
@click.argument("number", type=int)
@AS
@JSON
@click.pass_obj
def approve_policy(
    session: Session, dataset: str, number: int, actor: str | None, as_json: bool
) -> None:
    """Put a policy into force, and let it approve what is pending already.

    \b
    Example:
      hub review policy approve market_entity 1 --as li
    """
    at = desk(session, dataset, actor)
    with write(at.engine) as connection:
        policies.approve_policy(connection, number, at.actor)
        place = ledger.dataset_id(connection, at.standard.dataset)
        done = policies.apply_policies(connection, at.catalogue, at.standard, place, today())
    if as_json:
        show_json({"records": done})
    else:
        click.echo(session.text("Records: {count}").format(count=done))


@policy.command()
@click.argument("number", type=int)
@AS
@JSON
@click.pass_obj
def end(session: Session, number: int, actor: str | None, as_json: bool) -> None:
    """End a policy: it approves nothing more.

    \b
    Example:
      hub review policy end 1 --as li
    """
    with write(session.engine()) as connection:
        policies.end_policy(connection, number, named(actor))
    if as_json:
        show_json({"policy": number})
    else:
        click.echo(session.text("Policy {number}").format(number=number))


@policy.command("list")
@click.argument("dataset", required=False)
@JSON
@click.pass_obj
def list_policies(session: Session, dataset: str | None, as_json: bool) -> None:
    """All policies, newest first, with who signed them.

    \b
    Example:
      hub review policy list market_entity
    """
    if dataset:
        known(session, dataset)
    with session.engine().connect() as connection:
        found = policies.list_policies(connection, dataset)
    if as_json:
        show_json(found)
        return
    show_table(
        session,
        (
            "Policy",
            "Dataset",
            "Department",
            "Version",
            "From",
            "To",
            "Proposed by",
            "Approved by",
            "Ended",
        ),
        [_row(one) for one in found],
        "Policies",
    )


def _row(one: dict[str, Any]) -> tuple[Any, ...]:
    names = ("id", "dataset", "department", "version", "valid_from", "valid_to")
    signed = ("proposed_by", "approved_by", "ended_at")
    return tuple(one[name] for name in (*names, *signed))
