"""`hub storage`: deliveries and releases in storage for objects."""

from __future__ import annotations

import sys
import time

import click
from sqlalchemy import update

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json
from hub.cli.progress import terminal
from hub.storage.bucket import Bucket, open_bucket
from hub.storage.place import place_of

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def storage() -> None:
    """Deliveries and releases in storage for objects (S3), for sites on several machines."""


@storage.command()
@JSON
@click.pass_obj
def push(session: Session, as_json: bool) -> None:
    """Bring the storage to what this site has, and take what portals dropped for it.

    Runs and releases do it by themselves; this is for a site that had no storage before.

    \b
    Example:
      hub storage push
    """
    from hub.storage.artefacts import put  # keeps `hub --help` quick
    from hub.storage.pushing import SHOWN, push_one, take_drops

    site, bucket = session.site(), _bucket()
    done = {"deliveries": 0, "datasets": 0, "drops": 0}
    with terminal(session, session.text("Pushing")) as progress:
        progress.step("checking deliveries")
        for path in sorted(site.raw.glob("??/*")):
            done["deliveries"] += put(bucket, path)
            progress.rows(done["deliveries"])
        progress.step("release")
        names = sorted(path.name for path in site.releases.iterdir() if path.is_dir())
        for name in (*names, SHOWN):
            push_one(site, bucket, name)
        done["datasets"] = len(names)
        done["drops"] = take_drops(site)
    if as_json:
        show_json(done)
        return
    told = "Deliveries put: {deliveries}; datasets: {datasets}; taken from portals: {drops}"
    click.echo(session.text(told).format(**done))


@storage.command()
@click.option("--every", type=float, help="Go on, with so many seconds between two turns.")
@JSON
@click.pass_obj
def pull(session: Session, every: float | None, as_json: bool) -> None:
    """Bring releases from the storage to a portal's site, and hand over what was dropped there; exit code 1
    where something couldn't be brought. No database is opened.

    \b
    Example:
      hub --site ./portal storage pull --every 10
    """
    from hub.storage.pulling import Puller
    from hub.storage.pulling import pull as pull_once

    site, bucket = session.portal_site(), _bucket()
    with terminal(session, session.text("Pulling")):
        done = pull_once(site, bucket)
    if as_json:
        issues = [issue_json(one) for one in done.issues]
        show_json({"files": done.files, "drops": done.drops, "issues": issues})
    else:
        show_issues(done.issues)
        told = "Files fetched: {files}; handed over: {drops}"
        click.echo(session.text(told).format(files=done.files, drops=done.drops))
    puller = Puller(site, every or 0)
    while every is not None:
        time.sleep(every)
        puller.turn(bucket)
    sys.exit(bool(done.issues))


@storage.command()
@JSON
@click.pass_obj
def check(session: Session, as_json: bool) -> None:
    """Read everything in the storage and compare it with its SHA-256; exit code 1 where something is wrong.

    \b
    Example:
      hub storage check --json
    """
    from hub.storage.checking import check as check_all

    site, bucket = session.site(), _bucket()
    with terminal(session, session.text("Checking")) as progress:
        found = check_all(site, bucket, progress)
    if as_json:
        issues = [issue_json(one) for one in found.issues]
        show_json({"deliveries": found.deliveries, "files": found.files, "issues": issues})
    else:
        show_issues(found.issues)
        told = "Deliveries read: {deliveries}; files of releases: {files}; wrong: {wrong}"
        words = {"deliveries": found.deliveries, "files": found.files, "wrong": len(found.issues)}
        click.echo(session.text(told).format(**words))
    sys.exit(any(one.severity == "error" for one in found.issues))


@storage.command()
@click.argument("dataset")
@JSON
@click.pass_obj
def adopt(session: Session, dataset: str, as_json: bool) -> None:
    """Go on from the newest release that the storage has, where the machine that made a newer one is gone
    for good.

    \b
    Example:
      hub storage adopt administrative_penalty
    """
    from hub.database import write
    from hub.storage.releases import newest_there
    from hub.tables import dataset as datasets

    engine, number = session.engine(), newest_there(_bucket(), dataset)
    with write(engine) as connection:
        newer = (datasets.c.name == dataset) & (datasets.c.published_release > number)
        values = {"published_release": number or None}
        changed = connection.execute(update(datasets).where(newer).values(values)).rowcount
    if as_json:
        show_json({"dataset": dataset, "release": number, "changed": bool(changed)})
    else:
        told = "{dataset}: the next release follows number {number}"
        click.echo(session.text(told).format(dataset=dataset, number=number))


def _bucket() -> Bucket:
    place = place_of()
    if place is None:
        raise Misdeclared(Issue("storage_unset"))
    return open_bucket(place)
