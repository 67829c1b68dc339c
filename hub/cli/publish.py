"""`hub publish`."""

from __future__ import annotations

import click

from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal
from hub.work import work_now
from publisher.known_keys import read_known_keys


@click.command()
@click.argument("datasets", nargs=-1, metavar="[DATASET]...")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def publish(session: Session, datasets: tuple[str, ...], as_json: bool) -> None:
    """Build the next release of what is approved, of all datasets or the named ones.

    \b
    Example:
      hub publish administrative_penalty
    """
    site = session.site()
    engine = session.engine()
    known = read_known_keys(site.releases)
    with terminal(session, session.text("Publishing")) as progress:
        wanted = {"datasets": list(datasets) or None}
        made = work_now(site, engine, "publish", wanted, progress)
    if as_json:
        show_json(made)
        return
    rows = [(name, words["release"], words["records"]) for name, words in made.items()]
    show_table(session, ("Dataset", "Release", "Records"), rows, "Releases")
    if not known and (keys := read_known_keys(site.releases)):
        text = session.text("The first signing key was made; its fingerprint: {fingerprint}")
        click.echo(text.format(fingerprint=keys[-1].key_id))
        click.echo(session.text("Tell readers this fingerprint in another place than the portal."))
    for name, words in made.items():
        if lost := words.get("untranslated"):
            text = session.text(
                "{dataset}: {count} records of an earlier version have no counterpart in the current "
                "one and aren't published; they are blocked in review."
            )
            click.echo(text.format(dataset=name, count=lost))
