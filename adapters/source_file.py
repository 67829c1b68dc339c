"""Source: files in a folder that the department writes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from adapters.remote_files import FILES_OPTIONS, Entry, choose, finished, next_cursor
from adapters.source import Ask, Part
from exchange_schemas.errors import SourceFaltering, SourceUnavailable
from exchange_schemas.issue import Issue

_BLOCK = 1 << 20


class FileSource:
    """`path` is relative to the declaration. With `*`, `?` or `[…]` the last match by name counts:
    departments put the date into the names of their exports. `take: all` takes every match, in
    the order of names, as one delivery; `take: new` those that no run has taken, as over SFTP.
    """

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["path"],
        "properties": {
            "path": {"type": "string", "minLength": 1},
            **{name: FILES_OPTIONS[name] for name in ("take", "by")},
        },
        # what is new is known by names, which are those of one folder; the others go by name only
        "if": {"required": ["take"], "properties": {"take": {"const": "new"}}},
        "then": {"properties": {"path": FILES_OPTIONS["path"]}},
        "else": {"properties": {"by": {"const": "name"}}},
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The file, or the files; raises SourceUnavailable (file_missing), and where a new one is
        still being written SourceFaltering (file_changing)."""
        path = ask.upload or ask.folder / ask.options["path"]
        if ask.options.get("take") == "new" and not ask.upload:
            yield from _new(path, ask)
            return
        matches = sorted(glob(str(path))) if has_magic(str(path)) and not ask.upload else []
        taken = matches if ask.options.get("take") == "all" else matches[-1:]
        for name in taken or [str(path)]:
            yield file_part(Path(name))


def _new(path: Path, ask: Ask) -> Iterator[Part]:
    """Nothing new is no fault, a folder that isn't there is one."""
    if not path.parent.is_dir():
        raise SourceUnavailable(Issue("file_missing", value=str(path)))
    found = [Path(name) for name in glob(str(path)) if finished(Path(name).name)]
    entries = {_entry(one): one for one in found if one.is_file()}
    chosen = choose(entries, ask.options, ask.cursor)
    for entry in chosen:
        part = file_part(entries[entry])
        cursor = next_cursor(chosen, ask) if entry is chosen[-1] else None
        yield replace(part, blocks=_unchanged(entries[entry], entry), cursor=cursor)


def _entry(path: Path) -> Entry:
    told = path.stat()
    return Entry(path.name, told.st_size, told.st_mtime)


def _unchanged(path: Path, before: Entry) -> Iterator[bytes]:
    yield from _blocks(path)
    if _entry(path) != before:
        raise SourceFaltering(Issue("file_changing", value=str(path)))


def file_part(path: Path) -> Part:
    """A local file as a part; raises SourceUnavailable (file_missing)."""
    try:
        with path.open("rb"):
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise SourceUnavailable(Issue("file_missing", value=str(path))) from error
    headers = {"Last-Modified": changed.isoformat(timespec="seconds")}
    return Part(path.name, _blocks(path), str(path), headers)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while block := source.read(_BLOCK):
            yield block
