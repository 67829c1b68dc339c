"""`hub ckan`: releases in other people's CKANs."""

from __future__ import annotations

import sys
from typing import Any

import click

from hub.ckan_copies import copies
from hub.ckan_publishing import Desk
from hub.ckan_targets import KIND, find_target, released, targets, topic
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json, show_table
from hub.cli.progress import terminal
from hub.progress import Silent
from hub.work import work_now

TARGET = click.option(
    "--target",
    metavar="NAME",
    help="The CKAN, as named in ckan.yml; needed where there are several.",
)
DATASETS = click.argument("datasets", nargs=-1, metavar="[DATASET]...")
JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def ckan() -> None:
    """Releases in CKANs: push them, see what is there, read it back, take it out."""


@ckan.command()
@DATASETS
@TARGET
@click.option("--whole", is_flag=True, help="Compare everything that is there, row by row.")
@JSON
@click.pass_obj
def push(
    session: Session, datasets: tuple[str, ...], target: str | None, whole: bool, as_json: bool
) -> None:
    """Bring a CKAN to the current releases: what is behind, or the named datasets.

    What was taken back is deleted first. A worker does all of it by itself after each release.

    \b
    Example:
      hub ckan push administrative_penalty
    """
    site = session.site()
    engine = session.engine()
    name = find_target(site, target).name
    told = {"target": name, "datasets": list(datasets) or None, "whole": whole}
    with terminal(session, session.text("Pushing")) as progress:
        made = work_now(site, engine, KIND, told, progress, topic(name))
    if as_json:
        show_json(made)
        return
    rows = [
        (dataset, one["release"], one["removed"], one["written"], len(one["files"]))
        for dataset, one in made.items()
    ]
    show_table(session, ("Dataset", "Release", "Deleted", "Written", "Files"), rows, "In the CKAN")


@ckan.command()
@JSON
@click.pass_obj
def status(session: Session, as_json: bool) -> None:
    """Which release each CKAN has, when it was verified last, and what failed.

    \b
    Example:
      hub ckan status
    """
    site = session.site()
    engine, catalogue = session.engine(), session.catalogue()
    with engine.connect() as connection:
        known = copies(connection)
    for target in targets(site).values():
        for name, release in released(site, catalogue, target).items():
            known.setdefault((target.name, name), {})["current"] = release.number
    rows: list[dict[str, Any]] = [
        {"target": target, "dataset": name, "current": None, **known[target, name]}
        for target, name in sorted(known)
    ]
    if as_json:
        show_json(rows)
        return
    columns = (
        "Target",
        "Dataset",
        "Current release",
        "In the CKAN",
        "Pushed",
        "Verified",
        "Failure",
    )
    names = ("target", "dataset", "current", "release", "pushed_at", "verified_at", "failure")
    show_table(session, columns, [[one.get(n) for n in names] for one in rows], "CKAN")


@ckan.command()
@DATASETS
@TARGET
@JSON
@click.pass_obj
def verify(session: Session, datasets: tuple[str, ...], target: str | None, as_json: bool) -> None:
    """Read back every row and every uploaded file, and say what isn't as released; exit code 1 then.

    \b
    Example:
      hub ckan verify administrative_penalty
    """
    desk, progress_title = _desk(session, target), session.text("Reading back")
    with terminal(session, progress_title) as desk.progress:
        found = desk.verify(list(datasets) or None)
    wrong = [issue for issues in found.values() for issue in issues]
    if as_json:
        show_json({name: [issue_json(i) for i in issues] for name, issues in found.items()})
    else:
        rows = [(name, len(issues)) for name, issues in found.items()]
        show_table(session, ("Dataset", "Differences"), rows, "Read back")
        show_issues(wrong)
    if wrong:
        sys.exit(1)


@ckan.command()
@click.argument("dataset")
@TARGET
@click.option("--yes", is_flag=True, help="Don't ask.")
@JSON
@click.pass_obj
def retract(session: Session, dataset: str, target: str | None, yes: bool, as_json: bool) -> None:
    """Take a dataset out of a CKAN: its table, its files and itself. It comes back by push only.

    Single records are taken back by withdrawing them: the next push deletes them there first.

    \b
    Example:
      hub ckan retract administrative_penalty --yes
    """
    desk = _desk(session, target)
    name = desk.catalogue.get(dataset).dataset
    if not yes:
        text = session.text("Take {dataset} out of {target}?")
        click.confirm(text.format(dataset=name, target=desk.target.url), abort=True)
    with terminal(session, session.text("Taking back")) as desk.progress:
        made = desk.retract(name)
    if as_json:
        show_json({"dataset": name, "target": desk.target.name, **made})
    else:
        click.echo(session.text("{dataset} is gone from {target}.").format(
            dataset=name, target=desk.target.url))  # fmt: skip


def _desk(session: Session, target: str | None) -> Desk:
    site = session.site()
    engine = session.engine()
    return Desk(site, engine, session.catalogue(), find_target(site, target), Silent())
