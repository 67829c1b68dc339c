"""Source: any Singer tap, run as a program of its own.

The specification is github.com/singer-io/getting-started, docs/SPEC.md. The delivery is one file of
JSON Lines: the records of one stream as the tap wrote them. The cursor is the tap's last STATE.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from adapters.singer_message import Message, read_message
from adapters.singer_process import Tap, running
from adapters.source import Ask, Part
from exchange_schemas.errors import Misdeclared, SourceUnreadable
from exchange_schemas.issue import Issue

BLOCK = 1 << 20
SPOOLED = 8 << 20  # bytes of records that are kept in memory; more go to a temporary file

_TEXT = {"type": "string", "minLength": 1}


class SingerSource:
    """`docs/connect/databases.md` tells what each option means."""

    format: Mapping[str, Any] | None = {"kind": "jsonl", "encoding": "utf-8"}
    options: Mapping[str, Any] = {
        "required": ["command", "stream"],
        "properties": {
            "command": {"type": "array", "items": _TEXT, "minItems": 1},
            "config": {"type": "object"},
            "catalog": _TEXT,
            "properties": _TEXT,
            "stream": _TEXT,
            "env": {
                "type": "array",
                "items": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
            },
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The stream's records; none where the tap has nothing new.

        The tap ends before anything is handed on, because only then its last state is known, and
        that it gave everything. Raises Misdeclared (tap_not_allowed, tap_missing,
        tap_stream_unknown), SourceUnavailable (tap_failed, tap_slow), SourceUnreadable
        (tap_message_wrong, delivery_too_large).
        """
        if not ask.internal:
            raise Misdeclared(Issue("tap_not_allowed"))
        spool = tempfile.SpooledTemporaryFile(SPOOLED)  # noqa: SIM115 - closed with its blocks
        try:
            taken = self._run(ask, spool)
        except BaseException:
            spool.close()
            raise
        if taken.records:
            name = f"{ask.options['stream']}.jsonl"
            yield Part(name, _blocks(spool), ask.options["command"][0], cursor=taken.state)

    def _run(self, ask: Ask, spool: IO[bytes]) -> _Taken:
        taken = _Taken(ask, spool)
        with tempfile.TemporaryDirectory(prefix="hub-tap-") as folder:  # nobody else may read it
            command = [*ask.options["command"], *_arguments(ask, Path(folder))]
            with running(command, ask) as tap:
                for number, line in enumerate(tap.lines(), 1):
                    taken.take(read_message(line, number, tap.name), tap)
        taken.check()
        return taken


class _Taken:
    """What a tap has given so far."""

    def __init__(self, ask: Ask, spool: IO[bytes]) -> None:
        self._ask, self._spool = ask, spool
        self._stream: str = ask.options["stream"]
        self._known: dict[str, None] = {}
        self.records, self.size = 0, 0
        self.state: str | None = None

    def take(self, message: Message, tap: Tap) -> None:
        """Keeps a record of the stream, and any state: it covers all records before it."""
        if message.stream is not None:
            self._known[message.stream] = None
        if message.kind == "STATE":
            self.state = message.content
        elif message.kind == "RECORD" and message.stream == self._stream:
            self.records += 1
            self.size += self._spool.write(message.content.encode() + b"\n")
            if self.size > self._ask.limits.bytes:
                most = f"{self._ask.limits.bytes >> 20} MB"
                raise SourceUnreadable(Issue("delivery_too_large", file=tap.name, value=most))
            if self.records % 10_000 == 0:
                self._ask.progress(f"{self._stream}: {self.records}")

    def check(self) -> None:
        """Raises Misdeclared (tap_stream_unknown)."""
        if self._stream not in self._known:
            words = {"found": "、".join(self._known)}
            raise Misdeclared(Issue("tap_stream_unknown", value=self._stream, params=words))


def _arguments(ask: Ask, folder: Path) -> Iterator[str]:
    yield from (
        "--config",
        _written(folder / "config.json", json.dumps(ask.options.get("config", {}))),
    )
    for option in ("catalog", "properties"):
        if option in ask.options:
            yield from (f"--{option}", str((ask.folder / ask.options[option]).resolve()))
    if ask.cursor is not None:
        yield from ("--state", _written(folder / "state.json", ask.cursor))


def _written(path: Path, text: str) -> str:
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    return str(path)


def _blocks(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        spool.seek(0)
        while block := spool.read(BLOCK):
            yield block
