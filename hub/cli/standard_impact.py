"""`hub standard impact` and `hub standard activate`: a proposed version, before it is used."""

from __future__ import annotations

from typing import Any

import click

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.activation import activate as take_into_use
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.cli.progress import terminal
from hub.cli.standard_diff import change_json, show_changes
from hub.feeds import list_feeds
from hub.proposal import Impact, Proposal, propose
from hub.proposal import impact as impact_of

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.command()
@click.argument("dataset")
@click.argument("new")
@JSON
@click.pass_obj
def impact(session: Session, dataset: str, new: str, as_json: bool) -> None:
    """Check all current records and all feeds of DATASET against its proposed version NEW.

    NEW is a version that the standard's folder has, or the folder of a proposed standard.

    \b
    Example:
      hub standard impact market_entity ./proposed/market_regulation/market_entity
    """
    proposal = propose(session.catalogue(), dataset, new)
    found = _impact(session, proposal)
    if as_json:
        show_json(_json(proposal, found))
        return
    show_changes(session, proposal.changes)
    _show(session, found)


@click.command()
@click.argument("dataset")
@click.argument("new")
@click.option("--as", "actor", help="Your name.")
@click.option("--accept-impact", "accept", is_flag=True, help="Activate it although it breaks.")
@JSON
@click.pass_obj
def activate(
    session: Session, dataset: str, new: str, actor: str | None, accept: bool, as_json: bool
) -> None:
    """Use the proposed version NEW of DATASET's standard in this site from now on.

    What would break current records, feeds or readers is refused without --accept-impact.

    \b
    Example:
      hub standard activate market_entity ./proposed/market_regulation/market_entity --as 陈工
    """
    if not actor:
        raise Misdeclared(Issue("actor_missing"))
    proposal = propose(session.catalogue(), dataset, new)
    found = _impact(session, proposal)
    site = session.site()
    engine = session.engine()
    number = take_into_use(site, engine, proposal, found, actor, accept=accept)
    if as_json:
        show_json({"activation": number, **_json(proposal, found)})
        return
    text = session.text("Version {version} of {dataset} is in use: activation No. {number}.")
    words = {"version": proposal.new.version, "dataset": dataset, "number": number}
    click.echo(text.format(**words))


def _impact(session: Session, proposal: Proposal) -> Impact:
    site = session.site()
    with terminal(session, proposal.new.dataset) as progress:
        return impact_of(session.engine(), proposal, list_feeds(site.feeds), progress)


def _show(session: Session, found: Impact) -> None:
    rows = [
        (name, code, count, "; ".join(str(one["value"]) for one in found.samples[name, code]))
        for (name, code), count in found.fields.items()
    ]
    if rows:
        show_table(session, ("Field", "Issue", "Records", "Such as"), rows, "Failing records")
    for name, issues in found.feeds.items():
        click.echo(session.text("Feed {name} must change:").format(name=name))
        show_issues(issues)
    for name, issues in found.dependents.items():
        click.echo(session.text("The standard of {name} must change:").format(name=name))
        show_issues(issues)
    show_issues(found.lost)
    text = session.text("Records: {records}. Failing: {failing}. Feeds that must change: {feeds}.")
    words = {"records": found.records, "failing": found.failing, "feeds": len(found.feeds)}
    click.echo(text.format(**words))


def _json(proposal: Proposal, found: Impact) -> dict[str, Any]:
    fields = [
        {"field": name, "code": code, "records": count, "samples": found.samples[name, code]}
        for (name, code), count in found.fields.items()
    ]
    return {
        "dataset": proposal.new.dataset,
        "version_before": proposal.old.version,
        "version": proposal.new.version,
        "verdict": proposal.verdict,
        "changes": [change_json(change) for change in proposal.changes],
        "records": found.records,
        "failing": found.failing,
        "fields": fields,
        "feeds": _issues_json(found.feeds),
        "dependents": _issues_json(found.dependents),
        "lost": [issue_json(issue) for issue in found.lost],
    }


def _issues_json(told: dict[str, list[Issue]]) -> dict[str, list[dict[str, object]]]:
    return {name: [issue_json(issue) for issue in issues] for name, issues in told.items()}
