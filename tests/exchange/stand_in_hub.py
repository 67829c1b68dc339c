"""A hub in memory: the exchange API over a list of entries, with faults on demand. No database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpx
import polars as pl
import pyarrow as pa

from exchange_schemas.record import canonical
from hub.consume.asking import Hub
from hub.consume.batch import leaves_of
from hub.consume.changed_lines import erased_body
from hub.consume.entry_lines import read_lines
from hub.tree.checkpoint import write
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes
from hub.tree.proofs import consistency_path
from hub.tree.tiles import TileNodes, tile_at
from publisher.signers import Ed25519Signer, Signer, key_id

DATASET = "administrative_penalty"
PREFIX = "/exchange/v1/"
SEGMENT = 256
AT = "2026-11-30T01:02:03.456Z"

Answer = httpx.Response
#: Path after the prefix, and the answer → another answer; may raise what a connection raises.
Fault = Callable[[str, Answer], Answer]


class Nobody(httpx.Auth):
    """Sends no key."""


@dataclass
class StandIn:
    """`said` are lines; `notices` what the consumer is to be told; `receipts` what it told."""

    said: list[bytes] = field(default_factory=list)
    signer: Signer = field(default_factory=Ed25519Signer.new)
    origin: str = f"test/{DATASET}/government"
    segment: int = SEGMENT
    receipts: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    confirmed: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    old_keys: list[dict[str, Any]] = field(default_factory=list)
    edition: int = 1
    valid_from: str = "2026-01-01T00:00:00Z"

    def say(self, key: str, record: dict[str, Any] | None) -> None:
        """One more entry: an upsert, or a delete where there is no record."""
        self.said.append(line_of(len(self.said) + 1, key, record))

    def erase(self, seqs: list[int]) -> None:
        """Without a notice."""
        self.said = erased_body(self.body(0, len(self.said)), seqs).splitlines()
        self.edition += 1

    def body(self, after: int, last: int) -> bytes:
        """NDJSON of entries after … last."""
        return b"".join(line + b"\n" for line in self.said[after:last])

    def leaves(self, first: int = 1, last: int | None = None) -> Hashes:
        """Of entries first … last."""
        body = self.body(first - 1, len(self.said) if last is None else last)
        return _leaves(body)

    def note(self, size: int | None = None) -> str:
        """A signed checkpoint."""
        size = len(self.said) if size is None else size
        root = Frontier().extend(self.leaves(1, size)).root()
        return write(self.origin, size, root, AT, self.signer, self.origin)

    def keys(self) -> dict[str, Any]:
        """keys.json."""
        import base64

        own = {
            "key_id": key_id(self.signer.public_key),
            "algorithm": self.signer.algorithm,
            "public_key": base64.b64encode(self.signer.public_key).decode(),
            "valid_from": self.valid_from,
            "valid_until": None,
        }
        return {"format": "exchange-hub public keys v1", "keys": [*self.old_keys, own]}

    def hub(self) -> Hub:
        """As a consumer reaches it."""
        return Hub("http://hub.test", Nobody(), httpx.MockTransport(self.answer))

    def answer(self, request: httpx.Request) -> Answer:
        """One request."""
        path = request.url.path.removeprefix(PREFIX)
        self.asked.append(path)
        response = self._answer(path, request)
        for fault in list(self.faults):
            response = fault(path, response)
        return response

    def _answer(  # noqa: C901, PLR0911 - one line for each address
        self, path: str, request: httpx.Request
    ) -> Answer:
        asked = dict(request.url.params)
        name = path.removeprefix(f"datasets/{DATASET}/")
        if path == "keys":
            return httpx.Response(200, json=self.keys())
        if path == "notices":
            after = int(asked["after"])
            return httpx.Response(
                200, json={"notices": [n for n in self.notices if n["id"] > after]}
            )
        if path.startswith("notices/"):
            self.confirmed.add(int(path.split("/")[1]))
            return httpx.Response(204)
        if name == "checkpoint":
            size = int(asked["size"]) if "size" in asked else None
            return httpx.Response(200, text=self.note(size))
        if name == "entries":
            return self._entries(int(asked["after"]), int(asked["limit"]))
        if name == "proof/consistency":
            return self._consistency(int(asked["from"]), int(asked["to"]))
        if name == "receipts":
            self.receipts += json.loads(request.content)["receipts"]
            return httpx.Response(200, json={"receipts": 1, "new": True})
        if name == "segments":
            return httpx.Response(
                200, json={"segments": self._segments(int(asked.get("after", 0)))}
            )
        if name.startswith("segments/") and f".{self.edition}." in name:
            return self._segment(name.removeprefix("segments/"), request)
        if name.startswith("tile/"):
            return self._tile(name)
        return httpx.Response(
            404, json={"detail": "没有", "detail_en": "nothing", "code": "address_unknown"}
        )

    def _entries(self, after: int, limit: int) -> Answer:
        last = min(len(self.said), after + limit)
        headers = {"X-Last-Seq": str(max(last, after)), "X-Head-Seq": str(len(self.said))}
        return httpx.Response(200, content=self.body(after, last), headers=headers)

    def _consistency(self, old: int, new: int) -> Answer:
        leaves = self.leaves(1, new)
        nodes = TileNodes(new, lambda t: _tile_bytes(leaves, t))
        path = consistency_path(old, new, nodes)
        return httpx.Response(200, json={"hashes": [one.hex() for one in path]})

    def _tile(self, name: str) -> Answer:
        return httpx.Response(200, content=_tile_bytes(self.leaves(), tile_at(name)))

    def _segments(self, after: int) -> list[dict[str, Any]]:
        return [
            self.described(first, first + self.segment - 1)
            for first in range(1, len(self.said) - self.segment + 2, self.segment)
            if first + self.segment - 1 > after
        ]

    def described(self, first: int, last: int) -> dict[str, Any]:
        """A segment as it is listed."""
        packed = self.packed(first, last)
        return {
            "first": first, "last": last, "edition": self.edition, "erased": 0,
            "root": Frontier().extend(self.leaves(first, last)).root().hex(),
            "ndjson": {"name": f"{first}-{last}.{self.edition}.ndjson.zst",
                       "sha256": hashlib.sha256(packed).hexdigest(), "size": len(packed)},
        }  # fmt: skip

    def packed(self, first: int, last: int) -> bytes:
        """A segment's file: two zstd frames, as a hub's has several."""
        middle = (first + last) // 2
        return _zstd(self.body(first - 1, middle)) + _zstd(self.body(middle, last))

    def _segment(self, name: str, request: httpx.Request) -> Answer:
        first, last = (int(part) for part in name.partition(".")[0].split("-"))
        packed = self.packed(first, last)
        asked = request.headers.get("Range")
        if asked is None:
            return httpx.Response(200, content=packed)
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        return httpx.Response(206, content=packed[start:])


@lru_cache(256)
def _leaves(body: bytes) -> Hashes:
    return leaves_of(read_lines(DATASET, body), native=True)


def line_of(seq: int, key: str, record: dict[str, Any] | None) -> bytes:
    """An entry's line as docs/pull-as-a-consumer.md has it."""
    text = None if record is None else canonical(record)
    digest = None if text is None else hashlib.sha256(text).hexdigest()
    head = {
        "seq": seq, "operation": "delete" if text is None else "upsert", "key": key,
        "digest": digest, "recorded_at": AT, "standard": f"{DATASET}@1",
        "salt": hashlib.sha256(f"{seq}".encode()).hexdigest()[:32],
    }  # fmt: skip
    line = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return line if text is None else line[:-1] + b',"record":' + text + b"}"


def old_line(line: bytes) -> bytes:
    """The line as hubs wrote it before there were salts."""
    head, mark, record = line.partition(b',"salt":"')
    return head + record[33:] if mark else line


def _zstd(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as packer:
        packer.write(data)
    return bytes(out.getvalue())


def _tile_bytes(leaves: Hashes, tile: Any) -> bytes:
    from hub.tree.tiles import tiles_of

    for one, raw in tiles_of(leaves):
        if (one.level, one.index) == (tile.level, tile.index):
            return raw[: 32 * tile.width]
    raise ValueError(tile.path)


def held(body: bytes) -> pl.DataFrame:
    """Entries as columns."""
    return read_lines(DATASET, body)
