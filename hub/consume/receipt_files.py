"""Receipts of a store of files: `<name>.json` waits to be sent, `<name>.sent.json` was acknowledged.

A page's receipts are named as the page and written before it; those of a page that never came are
dropped. So no crash leaves a page without them, or tells the hub of what isn't there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.consume.receipts import REFUSED, Receipt, Waiting
from hub.consume.received import write_whole

DONE = ".sent.json"


class ReceiptFiles:
    """The folder, made on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, receipts: Sequence[Receipt]) -> None:
        """Keep receipts under a name, in the place of what it had."""
        self._folder.mkdir(exist_ok=True)
        told = [one.to_json() for one in receipts]
        write_whole(self._folder / f"{name}.json", [orjson.dumps(told)])

    def drop_behind(self, last: int) -> None:
        """Take away the receipts of pages that end after `last`."""
        for path in self._folder.glob("[0-9]*.json"):
            if int(path.name.partition(".")[0].rpartition("-")[2]) > last:
                path.unlink()

    def waiting(self) -> list[Waiting]:
        """Those that weren't acknowledged, by name."""
        found = list[Waiting]()
        for path in sorted(self._folder.glob("*.json")):
            if not path.name.endswith(DONE):
                with suppress(FileNotFoundError):  # acknowledged just now
                    found += [Waiting(path.name, one) for one in _read(path)]
        return found

    def acknowledged(self, places: Iterable[str]) -> None:
        """The hub has all of these files."""
        for name in dict.fromkeys(places):
            path = self._folder / name
            with suppress(FileNotFoundError):  # somebody else was told so, too
                path.rename(path.with_name(f"{name.removesuffix('.json')}{DONE}"))

    def of(self, name: str) -> list[int]:
        """The numbers that receipts under a name are about, one by one; none where there are none."""
        path = self._folder / f"{name}.json"
        told = _read(path) if path.exists() else []
        return [seq for one in told for seq in range(one.first, one.last + 1)]

    def refused(self) -> list[int]:
        """Every entry that was refused."""
        told = [one for path in self._folder.glob("[0-9]*.json") for one in _read(path)]
        return [one.first for one in told if one.state == REFUSED]


def _read(path: Path) -> list[Receipt]:
    try:
        return [Receipt(**one) for one in orjson.loads(path.read_bytes())]
    except (ValueError, TypeError) as error:
        raise Corrupt(Issue("received_damaged", value=str(path))) from error
