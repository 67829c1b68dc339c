"""`hub plan`: the city plan's own targets, how far they are, and what departments reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from exchange_schemas.days import today
from exchange_schemas.plan_targets import Contradiction, Target, the_plan
from hub.cli.chosen import JSON
from hub.cli.context import Session
from hub.cli.output import show_json, show_table


@click.group()
def plan() -> None:
    """The targets of the city's plan: measured, judged by their days, and explained."""


@plan.command()
@JSON
@click.pass_obj
def targets(session: Session, as_json: bool) -> None:
    """The targets, what was measured last, and what was to be reached by when.

    \b
    Example:
      hub plan targets
    """
    from hub.plan.overview import current_progress  # keeps `hub --help` quick
    from hub.plan.uncounted import uncounted

    with session.engine().connect() as connection:
        found = current_progress(connection, session.catalogue())
        left = uncounted(connection, session.catalogue()).to_dicts()
    known = the_plan().targets
    latest = {name: found[name].latest if name in found else {} for name in known}
    if as_json:
        show_json([{**asdict(one), "latest": latest[name] or None} for name, one in known.items()])
        return
    title = "title_zh" if session.locale == "zh_CN" else "title_en"
    rows = [
        (
            name,
            getattr(one, title),
            one.accountable,
            latest[name].get("period"),
            latest[name].get("value"),
            latest[name].get("target_value"),
            latest[name].get("target_date"),
            latest[name].get("status"),
        )
        for name, one in known.items()
    ]
    columns = ("The target", "Title", "Accountable", "Measured for", "Measured", "To be reached",
               "By the day", "Progress state")  # fmt: skip
    show_table(session, columns, rows)
    _say_uncounted(session, left)


@plan.command()
@click.argument("target", metavar="TARGET")
@click.option("--records", is_flag=True, help="Every record that the value now comes from.")
@JSON
@click.pass_obj
def show(session: Session, target: str, records: bool, as_json: bool) -> None:
    """A target: the plan's words, what contradicts them, and its value for each period.

    \b
    Example:
      hub plan show e-trace --records
    """
    from hub.plan.overview import contributing, current_progress
    from hub.plan.uncounted import uncounted

    declared = the_plan().target(target)
    engine, catalogue = session.engine(), session.catalogue()
    with engine.connect() as connection:
        found = current_progress(connection, catalogue).get(target)
        left = uncounted(connection, catalogue)
    mine = left.filter(left["target_id"] == target).to_dicts()
    rows: list[dict[str, Any]] = [dict(row) for row in found.rows] if found else []
    behind: list[dict[str, Any]] = []
    if records:
        behind = contributing(session.site(), engine, catalogue, target, today()).to_dicts()
    if as_json:
        more = {"contradictions": [asdict(one) for one in the_plan().contradictions_of(target)]}
        more |= {"records": behind} if records else {}
        show_json({**asdict(declared), **more, "progress": rows, "uncounted": mine})
        return
    _say(session, declared, the_plan().contradictions_of(target))
    columns = ("Measured for", "Measured", "Of how many", "To be reached", "By the day", "Progress state")  # fmt: skip
    show_table(session, columns, map(_row, rows))
    if records:
        names = ("Dataset", "Record's key", "What is counted", "Counts now", "From the day")
        show_table(session, names, [_counted(session, one) for one in behind])
    _say_uncounted(session, mine)


def _say_uncounted(session: Session, reports: Sequence[dict[str, Any]]) -> None:
    """Reports that no target counts, and why; nothing where there are none."""
    from hub.plan.uncounted import WHY

    rows = [
        (one["report_no"], one["department"], one["target_id"], one["sub_plan"], session.text(WHY[one["why"]]))
        for one in reports
    ]  # fmt: skip
    columns = ("Report", "Reported by", "The target", "Sub-plan", "Why it isn't counted")
    if rows:
        show_table(session, columns, rows, "Reports that aren't counted")


def _say(session: Session, target: Target, contradictions: Sequence[Contradiction]) -> None:
    """The plan's words, and what contradicts them."""
    chinese = session.locale == "zh_CN"
    click.echo(target.title_zh if chinese else target.title_en)
    click.echo(f"「{target.says}」 {target.sub_plan} · {target.place}")
    for one in contradictions:
        click.echo(f"⚠ {one.title_zh if chinese else one.title_en}")
        for quote in one.says:
            click.echo(f"  「{quote.text}」 {quote.sub_plan}")


def _counted(session: Session, record: dict[str, Any]) -> tuple[Any, ...]:
    counts = session.text("yes" if record["counts"] else "no")
    return (record["dataset"], record["key"], record["unit"], counts, record["day"])


def _row(row: dict[str, Any]) -> tuple[Any, ...]:
    whole = row["denominator"]
    of = f"{row['numerator']} / {whole}" if whole is not None else None
    told = row["value"] if row["value"] is not None else row["reason"]
    return (row["period"], told, of, row["target_value"], row["target_date"], row["status"])


@plan.command()
@JSON
@click.pass_obj
def report(session: Session, as_json: bool) -> None:
    """How many targets are reached, on track, behind or can't be measured, by sub-plan.

    \b
    Example:
      hub plan report --json
    """
    from hub.plan.overview import current_progress
    from hub.plan.uncounted import uncounted
    from publisher.portal.plan_view import by_sub_plan, counts_by_state

    with session.engine().connect() as connection:
        found = current_progress(connection, session.catalogue())
        left = uncounted(connection, session.catalogue()).to_dicts()
    groups = {
        name: counts_by_state({one.target.id: one for one in targets})
        for name, targets in by_sub_plan(found).items()
    }
    if as_json:
        show_json({"all": counts_by_state(found), "sub_plans": groups, "uncounted": left})
        return
    rows = [(name, *counts.values()) for name, counts in groups.items()]
    rows.append((session.text("All sub-plans"), *counts_by_state(found).values()))
    show_table(session, ("Sub-plan", "Reached", "On track", "Behind", "Not measurable"), rows)
