"""Making a backup of a site while it runs.

The order, so that files and database agree, under the locks of `stillness`:
1. what is told or removed behind a commit (`site_files.EARLY`);
2. the database, at one moment;
3. links to all other files: those that the database names were there before their rows, and with the
   locks held nobody removes one. More than it names may be there; that is as after a crash.
4. Then the locks are let go, and everything is written at leisure. Deliveries, which nobody ever
   removes, are read where they are.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, func, select

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.backup import manifest as notes
from hub.backup.container import Writing
from hub.backup.database_copy import FILE, copy_sqlite, counts_of, heads_of, write_tables
from hub.backup.manifest import FILES, Manifest, Member, digest_of
from hub.backup.places import is_archive, writing
from hub.backup.signature import signature
from hub.backup.site_files import SiteFiles
from hub.backup.stillness import locks_of, only_backup, still
from hub.instant import utc_now
from hub.migrations.revisions import BEFORE, version_of
from hub.progress import Progress, Silent
from hub.site import Site
from hub.snapshot import snapshot
from hub.storage.artefacts import find_raw
from hub.storage.place import place_of
from hub.tables import run
from publisher.disk import full_disk_refused, sync
from publisher.signers import Signer, key_id
from publisher.signing import signer_from

_COMING = ".coming-"
SHA256 = 64  # hex digits


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that is there: `sha256` of its manifest in hex; `left_out` are links and devices in the
    site's folder, which aren't in it."""

    place: Path
    manifest: Manifest
    sha256: str
    left_out: tuple[str, ...]


def back_up(
    site: Site, engine: Engine, to: Path, *, keys: bool = False, progress: Progress | None = None
) -> Backup:
    """A backup of the site: the file `to` where its name ends in .tar.zst, else a new folder in `to`.

    It has its name only once it is whole. Raises Refused (backup_busy, backup_exists,
    backup_inside_site, backup_overtaken, backup_before, disk_full, signing_key_unreadable).
    """
    place = to if is_archive(to) else to / _name(site)
    if place.resolve().is_relative_to(site.path):
        raise Refused(Issue("backup_inside_site", value=str(to)))
    if place.exists():
        raise Refused(Issue("backup_exists", value=str(place)))
    signer = signer_from(site.keys, os.environ)
    with only_backup(site), full_disk_refused(str(place)), _coming(site, place) as coming:
        files = SiteFiles(site, keys)
        try:
            made, digest = _write(engine, files, signer, coming, place, progress or Silent())
        finally:
            files.end()
    return Backup(place, made, digest, tuple(files.left_out))


def _name(site: Site) -> str:
    return f"{site.path.name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


@contextmanager
def _coming(site: Site, place: Path) -> Iterator[Path]:
    """Where the backup is written until it is whole; what one that was killed has left is swept."""
    place.parent.mkdir(parents=True, exist_ok=True)
    mine = f"{_COMING}{digest_of(str(site.path).encode())[:12]}-"
    coming = place.with_name(f"{mine}{place.name}")
    for left in place.parent.glob(f"{mine}*"):
        _remove(left)
    room = coming.with_name(f"{coming.name}.database")
    try:
        yield coming
        coming.rename(place)
        sync(place.parent)
    finally:
        _remove(coming)
        _remove(room)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _write(
    engine: Engine,
    files: SiteFiles,
    signer: Signer | None,
    coming: Path,
    place: Path,
    progress: Progress,
) -> tuple[Manifest, str]:
    room = coming.with_name(f"{coming.name}.database")
    with snapshot(engine) as connection:
        sqlite, schema = connection.dialect.name == "sqlite", version_of(connection)
        if schema == BEFORE and not sqlite:  # tables that this program couldn't make again
            raise Refused(Issue("backup_before", value=schema))
        made_at = _take(connection, files, room if sqlite else None, progress)
        _bring_deliveries(connection, files.site)
        into = writing(coming, None if is_archive(place) else _earlier(files.site, place))
        progress.step("writing the database")
        if not sqlite:
            members = write_tables(connection, into, progress)
            tables, heads = counts_of(connection), heads_of(connection)
    if sqlite:
        with closing_connection(room) as copied:
            tables, heads = counts_of(copied), heads_of(copied)
        with room.open("rb") as file:
            members = {FILE: into.add(FILE, file, room.stat().st_size)}
    members |= _write_files(files, into, progress)
    made = Manifest(
        made_at=made_at, program=_program(), database=engine.dialect.name, schema=schema,
        tables=tables, heads=heads, keys=files.keys, private=files.private,
        key_id=key_id(signer.public_key) if signer else None,
        folders=dict(sorted(files.folders.items())), members=members,
    )  # fmt: skip
    return made, _write_notes(into, made, signer)


def _bring_deliveries(connection: Connection, site: Site) -> None:
    """Where deliveries are kept in storage for objects, another machine may have taken some."""
    if place_of() is None:
        return
    # A run that failed before its delivery was kept has no SHA-256.
    taken = select(run.c.sha256).distinct().where(func.length(run.c.sha256) == SHA256)
    for sha256 in connection.scalars(taken).all():
        find_raw(site, sha256)


def _take(connection: Connection, files: SiteFiles, room: Path | None, progress: Progress) -> str:
    """Database and files at one moment, which is returned; PostgreSQL's is that of the first query."""
    progress.step("waiting for whoever writes files")
    with still(files.site) as held:
        files.begin()
        at = utc_now()
        heads_of(connection)
        if room is not None:
            progress.step("copying the database")
            copy_sqlite(connection, room, progress)
        progress.step("keeping the files")
        files.take(connection)
        if locks_of(files.site) != held:  # a first release or stream, whose lock nobody held
            raise Refused(Issue("backup_overtaken", value=str(files.site.path)))
    return at


@contextmanager
def closing_connection(path: Path) -> Iterator[Connection]:
    """A connection to a SQLite file that nobody else has."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _write_files(files: SiteFiles, into: Writing, progress: Progress) -> dict[str, Member]:
    progress.step("writing the files")
    members, written = dict[str, Member](), 0
    for path, kept in files.files():
        with kept.open("rb") as file:
            told = os.fstat(file.fileno())
            name = f"{FILES}{path}"
            members[name] = into.add(name, file, told.st_size, told.st_mode & 0o777)
        written += told.st_size
        progress.rows(written)
    return members


def _write_notes(into: Writing, made: Manifest, signer: Signer | None) -> str:
    content = notes.written(made)
    digest = digest_of(content)
    told = {notes.MANIFEST: content, notes.DIGEST: f"{digest}\n".encode()}
    if signer is not None:
        told[notes.SIGNATURE] = signature(content, signer)
    for name, text in told.items():
        into.add(name, io.BytesIO(text), len(text))
    into.finish()
    return digest


def _earlier(site: Site, place: Path) -> Path | None:
    """The newest backup of a site of this name beside `place`."""
    found = sorted(place.parent.glob(f"{site.path.name}-*/{notes.MANIFEST}"))
    return found[-1].parent if found else None


def _program() -> str:
    try:
        return version("exchange-hub")
    except PackageNotFoundError:
        return "?"
