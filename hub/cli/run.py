"""`hub feed run`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Engine

from exchange_schemas.errors import HubError, Refused
from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json
from hub.cli.progress import terminal
from hub.cli.shown_runs import show_differences, show_runs
from hub.feeds import find_feed
from hub.pipeline import deliver, run_feed
from hub.site import Site
from hub.work import submit, topic_of, work_now


@click.command("run")
@click.argument("feeds", nargs=-1, required=True, metavar="FEED...")
@click.option("--accept", is_flag=True, help="Commit even where the breaker would hold the run.")
@click.option("--reread", is_flag=True, help="Read the delivery even if it was taken before.")
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--restart", is_flag=True, help="Pull an incremental source from its beginning.")
@click.option(
    "--file",
    "upload",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Take this file in place of what the source has.",
)
@click.option("--queue", is_flag=True, help="Leave the work to a worker.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def run(
    session: Session,
    feeds: tuple[str, ...],
    accept: bool,
    reread: bool,
    dry_run: bool,
    restart: bool,
    upload: Path | None,
    queue: bool,
    as_json: bool,
) -> None:
    """Pull feeds and take them into the ledger.

    \b
    Example:
      hub feed run sample_registration
      hub feed run ./my-feed.yml --dry-run
      hub feed run town_register --file 登记.xlsx
    """
    site = session.site()
    engine = session.engine()
    options = {"accept": accept, "reread": reread, "restart": restart,
               "file": str(upload.resolve()) if upload else None}  # fmt: skip
    if dry_run:
        _show_dry(session, site, engine, feeds, upload, as_json)
        return
    arguments = [{"feed": str(find_feed(site.feeds, name).path), **options} for name in feeds]
    if queue:
        job_ids = [submit(engine, "feed_run", one, topic_of(site, one)) for one in arguments]
        _enqueue(session, site, job_ids, as_json)
        return
    outcomes = [_work(session, site, engine, *pair) for pair in zip(feeds, arguments, strict=True)]
    results = [result for result, _ in outcomes if result]
    errors = [error for _, error in outcomes if error is not None]
    if as_json:
        shown = results + [{"error": issue_json(error.issue)} for error in errors]
        show_json(shown[0] if len(shown) == 1 else shown)
    else:
        if results:
            show_runs(session, results)
        show_issues([error.issue for error in errors])
    if errors or any(result["held"] for result in results):
        sys.exit(1)


def _show_dry(
    session: Session,
    site: Site,
    engine: Engine,
    names: tuple[str, ...],
    upload: Path | None,
    as_json: bool,
) -> None:
    results = []
    for name in names:
        feed = find_feed(site.feeds, name)
        with terminal(session, name) as progress:
            delivery = deliver(
                site, engine, site.catalogue(), feed,
                dry=True, reread=True, upload=upload, progress=progress,
            )  # fmt: skip
            results.append(run_feed(delivery))
    if as_json:
        show_json(results[0] if len(results) == 1 else results)
        return
    show_runs(session, results)
    for result in results:
        show_differences(session, result["differences"])


def _work(
    session: Session, site: Site, engine: Engine, name: str, arguments: dict[str, Any]
) -> tuple[dict[str, Any], HubError | None]:
    try:
        with terminal(session, name) as progress:
            return work_now(site, engine, "feed_run", arguments, progress), None
    except HubError as error:
        return {}, error
    except KeyboardInterrupt:
        return {}, Refused(Issue("interrupted"))


def _enqueue(session: Session, site: Site, job_ids: list[int], as_json: bool) -> None:
    from hub.tasks import enqueue  # Celery is imported only where a queue is used

    for job_id in job_ids:
        enqueue(site, job_id)
    if as_json:
        show_json({"jobs": job_ids})
    else:
        click.echo(session.text("Queued: {jobs}").format(jobs=", ".join(map(str, job_ids))))
