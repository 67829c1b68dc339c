"""Restoring a site from a backup: into an empty place, proved before it may be opened.

The folder has a marker from its first moment on until everything was verified, and `open_site` refuses
a folder with it; so a restore that was killed is never taken for a site.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine, inspect
from sqlalchemy.engine import make_url

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.backup.checking import Checked, check
from hub.backup.container import Hashed
from hub.backup.database_copy import counts_of, heads_of, read_table
from hub.backup.filling import filling
from hub.backup.manifest import DATABASE, FILES, NOTES, Manifest, wrong
from hub.backup.places import reading
from hub.backup.whole import DATABASE as SQLITE
from hub.backup.whole import RESTORING, kind_of, say_keys_are_missing, say_where_truth_is
from hub.database import connect, create_tables, write
from hub.instant import utc_now
from hub.migrations.exclusive import alone
from hub.migrations.revisions import EMPTY, HEAD
from hub.migrations.upgrading import upgrade
from hub.progress import Progress, Silent
from hub.site import Site
from hub.verify import Verdict, verify
from publisher.disk import full_disk_refused, sync, write_synced

_TABLES = ".tables"  # in the new site's folder: the tables on their way into PostgreSQL


@dataclass(frozen=True, slots=True)
class Restored:
    """A site that is there and was proved; `verdict` says how much was verified."""

    site: Site
    checked: Checked
    verdict: Verdict
    database_url: str = field(repr=False)


def restore(
    place: Path,
    to: Path,
    database_url: str | None = None,
    told: Sequence[str] = (),
    progress: Progress | None = None,
) -> Restored:
    """Restore the backup at `place` into the folder `to`, which must be empty or not be there.

    `database_url` is that of an empty PostgreSQL database, for a backup of one. Raises what `check`
    raises, Refused (restore_not_empty, restore_needs_url, restore_other_database, restore_unproven, backup_older,
    disk_full).
    """
    shown = progress or Silent()
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise Refused(Issue("restore_not_empty", value=str(to)))
    checked = check(place, told, shown)
    url = _url(checked.manifest, to, database_url)
    engine = connect(url)
    try:
        if database_url is not None and inspect(engine).get_table_names():
            raise Refused(Issue("restore_not_empty", value=make_url(url).render_as_string()))
        with full_disk_refused(str(to)):
            _fill(place, to, checked.manifest, engine, shown)
            return Restored(
                Site(to.resolve()), checked, _prove(to, checked.manifest, engine, shown), url
            )
    finally:
        engine.dispose()


def _url(manifest: Manifest, to: Path, asked: str | None) -> str:
    if manifest.database == "sqlite":
        if asked is not None:
            raise Refused(Issue("restore_other_database", value=kind_of(asked)))
        return f"sqlite:///{to.resolve() / SQLITE}"
    if asked is None:
        raise Refused(Issue("restore_needs_url", value=manifest.database))
    if kind_of(asked) != manifest.database:
        raise Refused(Issue("restore_other_database", value=kind_of(asked)))
    if manifest.schema not in (HEAD, EMPTY):
        words = {"program": manifest.program, "expected": HEAD}
        raise Refused(Issue("backup_older", value=manifest.schema, params=words))
    return asked


def _fill(place: Path, to: Path, manifest: Manifest, engine: Engine, progress: Progress) -> None:
    to.mkdir(parents=True, exist_ok=True)
    write_synced(to / RESTORING, f"{manifest.made_at}\n".encode())
    sync(to)
    progress.step("writing the files")
    for name in manifest.folders:
        (to / name).mkdir(parents=True, exist_ok=True)
    written = 0
    for name, content in reading(place).members():
        if name not in NOTES:
            written += _write(to, name, content, manifest)
            progress.rows(written)
    # Behind the files, which a folder that nobody may write into would not let in.
    for name, mode in sorted(manifest.folders.items(), reverse=True):
        (to / name).chmod(mode)
    for folder, _, _ in os.walk(to):
        sync(Path(folder))
    if manifest.database == "postgresql":
        progress.step("writing the database")
        _fill_tables(to / _TABLES, engine, progress)
    say_where_truth_is(to, manifest.database, utc_now())
    if manifest.private:
        say_keys_are_missing(to, manifest.private)


def _write(to: Path, name: str, content: BinaryIO, manifest: Manifest) -> int:
    """Raises Corrupt (backup_wrong) where the backup isn't any more what was checked."""
    member = manifest.members.get(name)
    if member is None:
        raise wrong(name, "the manifest doesn't know it")
    target, hashed = _target(to, name, manifest), Hashed(content)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=member.mode | 0o200)
    with target.open("wb") as file:
        for block in hashed.blocks():
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    target.chmod(member.mode)
    if (hashed.size, hashed.sha256) != (member.size, member.sha256):
        raise wrong(name, "it changed while it was restored")
    return member.size


def _target(to: Path, name: str, manifest: Manifest) -> Path:
    if name.startswith(FILES):
        return to / name.removeprefix(FILES)
    inside = name.removeprefix(DATABASE)
    return to / (SQLITE if manifest.database == "sqlite" else f"{_TABLES}/{inside}")


def _fill_tables(folder: Path, engine: Engine, progress: Progress) -> None:
    """All tables in one transaction."""
    create_tables(engine)
    with write(engine) as connection, filling(connection) as tables:
        for table in tables:
            progress.step(table.name)
            parts = sorted((folder / table.name).iterdir())
            read_table(connection, table.name, (path.read_bytes() for path in parts))
    shutil.rmtree(folder)


def _prove(to: Path, manifest: Manifest, engine: Engine, progress: Progress) -> Verdict:
    """Raises Refused (restore_unproven), and leaves the marker."""
    progress.step("verifying the database")
    for issue in _differences(manifest, engine):
        raise Refused(issue)
    with alone(engine.url.render_as_string(hide_password=False)):
        upgrade(engine, progress)  # a backup of before, which is counted by now
    verdict = verify(Site(to.resolve()), engine, progress)
    for found in verdict.issues:
        words = {"reason": found.message("en"), "reason_zh": found.message("zh_CN")}
        raise Refused(Issue("restore_unproven", value=str(to), params=words))
    engine.dispose()  # SQLite's journal goes before the site is said to be one
    (to / RESTORING).unlink()
    sync(to)
    return verdict


def _differences(manifest: Manifest, engine: Engine) -> Iterator[Issue]:
    """Whether the database holds what the manifest counted, and is sound in itself."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            if sound != "ok":
                yield _unproven("database", f"SQLite: {sound}")
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                yield _unproven("database", "a row refers to one that isn't there")
        tables, heads = counts_of(connection), heads_of(connection)
    for name, rows in manifest.tables.items():
        if tables.get(name) != rows:
            yield _unproven(name, f"{rows} rows expected, {tables.get(name)} found")
    for name, seq in manifest.heads.items():
        if heads.get(name) != seq:
            yield _unproven(name, f"ends at {seq}, found {heads.get(name)}")


def _unproven(where: str, reason: str) -> Issue:
    words = {"reason": f"{where}: {reason}", "reason_zh": f"{where}: {reason}"}
    return Issue("restore_unproven", value=where, params=words)
