"""The reference consumer's notices: which records it has to stop using, kept and then confirmed.

A notice is one file `<id>.json`, on the disk before it is confirmed, and `<id>.confirmed.json` after
that. So a crash at any moment leaves it to be confirmed, and none is confirmed that isn't kept.
Whoever uses what was received looks here for the keys that are not to be shown any more.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson

from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from hub.consume import asked, client_of
from hub.received import Received, write_whole

FOLDER = "notices"  # beside the datasets' folders
DIGITS = 10  # names sort as numbers
DONE = ".confirmed.json"


def take_notices(url: str, directory: Path, key: str) -> dict[str, int]:
    """Fetch, keep and confirm what is new; returns {notices, confirmed}.

    Nothing is done where another process does it now. Raises as `consume.consume`, and Corrupt
    (notice_unreadable).
    """
    folder = Received(directory / FOLDER)
    try:
        with folder.receiving(), client_of(url, key) as client:
            kept = _fetch(client, folder.folder)
            return {"notices": kept, "confirmed": _confirm(client, folder.folder)}
    except Refused as error:
        if error.issue.code != "receiving_busy":
            raise
        return {"notices": 0, "confirmed": 0}


def kept_notices(directory: Path) -> list[dict[str, Any]]:
    """The notices that were kept, in order, each as the hub gave it."""
    return [orjson.loads(path.read_bytes()) for path in _files(directory / FOLDER)]


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.json"))


def _number(path: Path) -> int:
    return int(path.name.partition(".")[0])


def _fetch(client: httpx.Client, folder: Path) -> int:
    files, count = _files(folder), 0
    after = _number(files[-1]) if files else 0
    while True:
        told = _read(asked(client, "notices", {"after": str(after)}), after)
        if not told:
            return count
        for one in told:
            body = orjson.dumps(one, option=orjson.OPT_INDENT_2)
            write_whole(folder / f"{one['id']:0{DIGITS}d}.json", [body])
            after, count = one["id"], count + 1


def _read(response: httpx.Response, after: int) -> list[dict[str, Any]]:
    """The notices of an answer, whose ids rise; raises Corrupt (notice_unreadable)."""
    try:
        told: list[dict[str, Any]] = orjson.loads(response.content)["notices"]
        ids = [one["id"] for one in told]
        named = all(isinstance(one["key"], str) for one in told)
        right = named and all(type(number) is int for number in ids)
        right = right and ids == sorted(set(ids)) and (not ids or ids[0] > after)
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise Corrupt(Issue("notice_unreadable", value=str(after)))
    return told


def _confirm(client: httpx.Client, folder: Path) -> int:
    waiting = [path for path in _files(folder) if not path.name.endswith(DONE)]
    for path in waiting:
        asked(client, f"notices/{_number(path)}/confirmation", {}, "POST")
        path.rename(path.with_name(f"{path.name.partition('.')[0]}{DONE}"))
    return len(waiting)
