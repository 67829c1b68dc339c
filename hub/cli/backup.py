"""`hub backup`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hub.backup import checking, making
from hub.backup.manifest import Manifest
from hub.backup.newest import usual_place
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal
from hub.database import connect

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
TOLD = click.option(
    "--told",
    multiple=True,
    help="What was noted when the backup was made: its SHA-256, or the key's fingerprint.",
)


@click.group(invoke_without_command=True)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="A folder for backups, or a file ending in .tar.zst; SITE-backups beside the site if not named.",
)
@click.option(
    "--with-keys", is_flag=True, help="Private keys, too; then keep the backup as you keep keys."
)
@JSON
@click.pass_context
def backup(ctx: click.Context, to: Path | None, with_keys: bool, as_json: bool) -> None:
    """Make a backup of the whole site, while it runs.

    \b
    Example:
      hub backup --to /var/backups/hub
    """
    if ctx.invoked_subcommand is not None:
        return
    session: Session = ctx.obj
    site = session.site()
    place = to or usual_place(site)
    with terminal(session, session.text("Backing up")) as progress:
        # not `session.engine`: a site of before has a backup made before it is upgraded
        engine = connect(site.database_url)
        made = making.back_up(site, engine, place, keys=with_keys, progress=progress)
    told = {**as_document(made.manifest, made.sha256), "place": str(made.place)}
    if as_json:
        show_json({**told, "left_out": made.left_out})
        return
    show_backup(session, made.manifest, made.sha256)
    for name in made.left_out:
        click.echo(
            session.text("Left out, as it isn't a file: {name}").format(name=name), err=True
        )
    if not with_keys:
        click.echo(
            session.text("Private keys aren't in it; keep keys/ apart, or use --with-keys.")
        )
    click.echo(session.text("Backup: {place}").format(place=made.place))


@backup.command()
@click.argument("place", type=click.Path(path_type=Path))
@TOLD
@JSON
@click.pass_obj
def check(session: Session, place: Path, told: tuple[str, ...], as_json: bool) -> None:
    """Read a whole backup and compare every file with its SHA-256, without restoring it.

    \b
    Example:
      hub backup check /var/backups/hub/site-20261130T010203Z
    """
    with terminal(session, session.text("Checking")) as progress:
        found = checking.check(place, told, progress)
    if as_json:
        show_json({**as_document(found.manifest, found.sha256), "right": True})
        return
    show_backup(session, found.manifest, found.sha256)
    click.echo(session.text("The backup is as it was written."))


def as_document(manifest: Manifest, sha256: str) -> dict[str, Any]:
    """A backup for programs."""
    return {
        "sha256": sha256,
        "key_id": manifest.key_id,
        "made_at": manifest.made_at,
        "program": manifest.program,
        "database": manifest.database,
        "schema": manifest.schema,
        "keys": manifest.keys,
        "files": len(manifest.members),
        "bytes": manifest.bytes,
        "rows": sum(manifest.tables.values()),
        "tables": manifest.tables,
        "datasets": manifest.heads,
    }


def show_backup(session: Session, manifest: Manifest, sha256: str) -> None:
    """What is in a backup, and what to note of it."""
    rows: list[tuple[str, int | str]] = list(manifest.heads.items())
    rows = [(name, f"{count:,}") for name, count in rows]
    rows += [
        (session.text("Rows of all tables"), f"{sum(manifest.tables.values()):,}"),
        (session.text("Files"), f"{len(manifest.members):,}"),
        (session.text("Bytes"), f"{manifest.bytes:,}"),
    ]
    show_table(session, ("Content", "Number"), rows, "Backup")
    click.echo(session.text("SHA-256 of the manifest: {sha256}").format(sha256=sha256))
    if manifest.key_id:
        click.echo(session.text("Signed by key: {key}").format(key=manifest.key_id))
