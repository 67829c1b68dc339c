"""`hub restore`."""

from __future__ import annotations

from pathlib import Path

import click

from hub.backup import restoring
from hub.cli.backup import JSON, TOLD, as_document, show_backup
from hub.cli.context import Session
from hub.cli.output import show_json
from hub.cli.progress import terminal


@click.command()
@click.argument("place", type=click.Path(path_type=Path))
@click.option(
    "--to",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of the restored site: an empty one, or one that isn't there yet.",
)
@click.option(
    "--database-url",
    help="URL of an empty PostgreSQL database, for a backup of one.",
)
@TOLD
@JSON
@click.pass_obj
def restore(
    session: Session,
    place: Path,
    to: Path,
    database_url: str | None,
    told: tuple[str, ...],
    as_json: bool,
) -> None:
    """Restore a site from a backup into an empty place, and verify all of it.

    \b
    Example:
      hub restore /var/backups/hub/site-20261130T010203Z --to ./restored
    """
    with terminal(session, session.text("Restoring")) as progress:
        done = restoring.restore(place, to, database_url, told, progress)
    manifest = done.checked.manifest
    if as_json:
        verified = {
            "revisions": done.verdict.revisions,
            "entries": done.verdict.entries,
            "artefacts": done.verdict.artefacts,
            "releases": done.verdict.releases,
        }
        told_of = as_document(manifest, done.checked.sha256)
        show_json({**told_of, "site": str(done.site.path), "verified": verified})
        return
    show_backup(session, manifest, done.checked.sha256)
    click.echo(
        session.text("Restored and verified: {site}, as it was at {at}").format(
            site=done.site.path, at=manifest.made_at
        )
    )
    if manifest.private:
        click.echo(
            session.text(
                "Private keys weren't in the backup; the site opens once these are back: {names}"
            ).format(names=", ".join(manifest.private))
        )
    if manifest.database == "postgresql":
        click.echo(session.text("Set HUB_DATABASE_URL to the database that you named."))
    click.echo(
        session.text(
            "Content erased by law after the backup is there again; have it erased again."
        )
    )
