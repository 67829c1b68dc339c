"""`hub consume`."""

from __future__ import annotations

from pathlib import Path

import click

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.output import show_json
from hub.cli.progress import terminal
from hub.consume import LIMIT, folder_of
from hub.consume import consume as pull
from hub.consume_notices import take_notices
from hub.received import Received


@click.command()
@click.argument("url")
@click.option("--dataset", required=True, help="What to pull.")
@click.option(
    "--to",
    "directory",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that receives; the dataset gets a folder of its own in it.",
)
@click.option(
    "--key",
    envvar="HUB_CONSUMER_KEY",
    help="The consumer's key; better in the environment: HUB_CONSUMER_KEY.",
)
@click.option("--limit", default=LIMIT, show_default=True, help="Entries per page at most.")
@click.option(
    "--version", help="Version of the standard that you understand; as kept if left out."
)
@click.option("--current", is_flag=True, help="Also write current.jsonl: what stands now.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def consume(
    session: Session,
    url: str,
    dataset: str,
    directory: Path,
    key: str | None,
    limit: int,
    version: str | None,
    current: bool,
    as_json: bool,
) -> None:
    """Pull what is new of a dataset from a hub, checking every entry; resumes where it ended.

    \b
    Example:
      hub consume http://127.0.0.1:8000 --dataset administrative_penalty --to ./received
    """
    if not key:
        raise Misdeclared(Issue("consumer_key_missing"))
    with terminal(session, dataset) as progress:
        progress.step("pulling entries")
        done = pull(
            url,
            dataset,
            directory,
            key,
            limit=limit,
            version=version,
            told=lambda last, _: progress.rows(last),
        )
    done |= take_notices(url, directory, key)
    if current:
        done["current"] = str(Received(folder_of(directory, dataset, version)).current())
    if as_json:
        show_json(done)
        return
    text = session.text("{dataset}: {entries} new entries, received up to {last} of {head}")
    click.echo(text.format(**done))
    if done["notices"]:
        text = session.text("{notices} notices of records that aren't public any more")
        click.echo(text.format(**done))
    if done.get("refused"):
        text = session.text("{refused} of them can't be given in version {version}")
        click.echo(text.format(refused=done["refused"], version=version))
