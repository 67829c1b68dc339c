"""`hub demo`."""

from __future__ import annotations

import time
from typing import Any

import click
from sqlalchemy import Engine

from hub import demo as showing
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal
from hub.cli.serve import run, tell_addresses
from hub.cli.shown_analyses import show_computed
from hub.cli.shown_runs import show_runs
from hub.consume import consume
from hub.site import Site


@click.command()
@click.option("--no-serve", is_flag=True, help="Stop before serving.")
@click.option("--small", is_flag=True, help="The four samples alone, without other departments.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", default=8000, show_default=True, help="Port to serve on.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON and don't serve.")
@click.pass_obj
def demo(
    session: Session, no_serve: bool, small: bool, host: str, port: int, as_json: bool
) -> None:
    """Run the whole main job on the shipped feeds, then serve the result.

    \b
    Example:
      hub --site ./site demo --no-serve
    """
    start = time.perf_counter()
    site, engine = showing.prepare(session.site_path)
    result = _everything(session, site, engine, small=small)
    result["seconds"] = round(time.perf_counter() - start, 1)
    if as_json:
        show_json(result)
        return
    _show(session, result)
    if not no_serve:
        run(site, host, port, lambda url: tell_addresses(session, url), with_worker=True)


def _everything(session: Session, site: Site, engine: Engine, *, small: bool) -> dict[str, Any]:
    runs = []
    for path in showing.sample_feeds(site):
        with terminal(session, path.stem) as progress:
            runs.append(showing.run_feed(site, engine, path, progress))
    with terminal(session, session.text("Other departments")) as progress:
        found = [] if small else showing.example_feeds(site)
        others = [showing.run_feed(site, engine, path, progress) for path in found]
    with terminal(session, session.text("Analyses")) as progress:
        analyses = {} if small else showing.compute(site, engine, progress)
    with terminal(session, session.text("Review")):
        approved = showing.approve_all(site, engine)
    with terminal(session, session.text("Publishing")) as progress:
        releases = showing.publish(site, engine, progress)
    return {
        "runs": runs,
        "others": others,
        "analyses": analyses,
        "approved": approved,
        "blocked": showing.blocked(engine),
        "releases": releases,
        "pulled": _pull(session, site, engine),
    }


def _pull(session: Session, site: Site, engine: Engine) -> dict[str, int]:
    key = showing.province_key(site, engine)
    datasets = showing.granted(engine, key)
    with showing.serving(site) as url, terminal(session, session.text("Province")):
        return {
            name: consume(url, name, site.path / "province", key)["entries"] for name in datasets
        }


def _show(session: Session, result: dict[str, Any]) -> None:
    show_runs(session, result["runs"])
    others = result["others"]
    told = {word: sum(run[word] for run in others) for word in ("read", "accepted", "rejected")}
    text = session.text("{count} feeds of other departments: {read} read, {accepted} accepted, {rejected} rejected")  # fmt: skip
    click.echo(text.format(count=len(others), **told))
    show_computed(session, result["analyses"])
    rows = [
        (
            name,
            result["approved"].get(name, 0),
            r["release"],
            r["records"],
            len(r["files"]),
            result["pulled"].get(name, 0),
        )
        for name, r in result["releases"].items()
    ]
    columns = ("Dataset", "Approved now", "Release", "Records", "Files", "Pulled by the province")
    show_table(session, columns, rows, "Published")
    click.echo(
        session.text("Blocked, because the public view shows private data: {count}").format(
            count=result["blocked"]
        )
    )
    click.echo(session.text("Done in {seconds} s").format(seconds=result["seconds"]))
