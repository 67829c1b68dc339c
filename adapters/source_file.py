"""Source: files in a folder that the department writes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from glob import glob, has_magic
from pathlib import Path
from typing import Any

from adapters.source import Ask, Part
from exchange_schemas.errors import SourceUnavailable
from exchange_schemas.issue import Issue

_BLOCK = 1 << 20


class FileSource:
    """`path` is relative to the declaration. With `*`, `?` or `[…]` the last match by name counts:
    departments put the date into the names of their exports. `take: all` takes every match, in
    the order of names, as one delivery.
    """

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["path"],
        "properties": {
            "path": {"type": "string", "minLength": 1},
            "take": {"enum": ["last", "all"]},
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The file, or the files; raises SourceUnavailable (file_missing)."""
        path = ask.upload or ask.folder / ask.options["path"]
        matches = sorted(glob(str(path))) if has_magic(str(path)) and not ask.upload else []
        taken = matches if ask.options.get("take") == "all" else matches[-1:]
        for name in taken or [str(path)]:
            yield file_part(Path(name))


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
