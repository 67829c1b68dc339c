"""`hub upgrade`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal

if TYPE_CHECKING:
    from hub.migrations.plan import Plan
    from hub.migrations.upgrading import Outcome


@click.command()
@click.option(
    "--check", is_flag=True, help="Only say what would be done; exit code 1 if anything."
)
@click.option(
    "--to", "target", help="The schema to upgrade to; only this program's own is possible."
)
@click.option("--yes", is_flag=True, help="Don't ask whether there is a backup.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON; asks nothing.")
@click.pass_obj
def upgrade(session: Session, check: bool, target: str | None, yes: bool, as_json: bool) -> None:
    """Bring the site's database from an older schema to this program's: all of it or nothing.

    End every process of the site and make a backup first; there is no way back.

    \b
    Example:
      hub --site ./site upgrade
    """
    from hub.database import connect  # these keep `hub --help` quick
    from hub.migrations.exclusive import UPGRADE, alone
    from hub.migrations.plan import plan_of
    from hub.migrations.revisions import HEAD
    from hub.migrations.upgrading import upgrade as make

    if target not in (None, HEAD):
        raise Refused(Issue("upgrade_target", value=target, params={"expected": HEAD}))
    url = session.site().database_url
    engine = connect(url, UPGRADE)
    if check:
        with engine.connect() as connection:
            plan = plan_of(connection, url)
        _show_plan(session, plan, as_json)
        sys.exit(1 if plan.steps else 0)
    with alone(url):  # another upgrade ends first
        with engine.connect() as connection:
            plan = plan_of(connection, url)
        if plan.steps:
            _ask(session, plan, sure=yes or as_json)
        with terminal(session, session.text("Upgrading")) as progress:
            outcome = make(engine, progress)
    _show(session, outcome, as_json)


def _ask(session: Session, plan: Plan, *, sure: bool) -> None:
    """What is in the way is told before anything is asked; where nobody sits, nothing is asked."""
    plan.check()
    if sure:
        return
    click.echo(session.text("Schema of the site: {before}, of this program: {after}").format(
        before=plan.before, after=plan.after))  # fmt: skip
    click.echo(session.text("There is no way back but a backup: see hub backup."), err=True)
    if sys.stdin.isatty():
        click.confirm(session.text("Is there a backup of the site?"), abort=True)


def _document(plan: Plan) -> dict[str, object]:
    return {"from": plan.before, "to": plan.after, "steps": list(plan.steps)}


def _show_plan(session: Session, plan: Plan, as_json: bool) -> None:
    told = {"in_use_by": list(plan.others), "needed_mb": plan.needed, "free_mb": plan.free}
    if as_json:
        show_json({**_document(plan), **told})
        return
    rows = [(session.text("Schema"), plan.before), (session.text("Needed"), plan.after)]
    if plan.steps:
        free = session.text("unknown") if plan.free is None else f"{plan.free} MB"
        rows += [
            (session.text("Steps"), ", ".join(plan.steps)),
            (session.text("In use by"), "\n".join(plan.others) or session.text("nobody known")),
            (session.text("Disk that may be needed"), f"{plan.needed} MB"),
            (session.text("Disk that is free"), free),
        ]
    show_table(session, ("Upgrade", "Value"), rows, "Upgrade")
    if not plan.steps:
        click.echo(session.text("The site is up to date; there is nothing to do."))


def _show(session: Session, outcome: Outcome, as_json: bool) -> None:
    plan = outcome.plan
    changed = {
        table: {"before": outcome.before.get(table, 0), "after": outcome.after[table], "why": why}
        for table, why in outcome.explained.items()
    }
    if as_json:
        kept = sum(outcome.before.values())
        show_json({**_document(plan), "rows": kept, "changed": changed, "right": True})
        return
    if not plan.steps:
        click.echo(session.text("The site is up to date; there is nothing to do."))
        return
    rows = [(t, w["before"], w["after"], session.text(str(w["why"]))) for t, w in changed.items()]
    if rows:
        show_table(
            session, ("Table", "Rows before", "Rows now", "Why"), rows, "Rows that were added"
        )
    text = session.text(
        "Upgraded from {before} to {after}: {rows} rows in {tables} tables are all there, and every"
        " table is as in a new site. To check every digest, run hub verify."
    )
    words = {"rows": f"{sum(outcome.before.values()):,}", "tables": len(outcome.before)}
    click.echo(text.format(before=plan.before, after=plan.after, **words))
