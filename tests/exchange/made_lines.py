"""Lines of entries, and a hub of nothing but lines to ask: one that can lie, too."""

from __future__ import annotations

import base64
import hashlib
import random
from dataclasses import dataclass, field
from functools import cached_property

import httpx
import orjson

from hub.consume.asking import Hub
from hub.consume.trust import HubKey
from hub.tree.checkpoint import write
from hub.tree.frontier import Frontier
from hub.tree.hashing import Hashes, hashes_of
from hub.tree.proofs import Node, consistency_path
from hub.tree.tiles import tile_at
from publisher.signers import Ed25519Signer, key_id
from tests.exchange.plain_tree import leaves_of, mth, nodes_over, rows

SIGNER = Ed25519Signer(b"\x05" * 32)
DATASET, ORIGIN = "penalties", "hub.example/penalties/government"


def some_line(seq: int, seed: int = 0) -> tuple[str, bytes]:
    """A line, and its leaf's input; every seventh is a delete, every eleventh erased."""
    chance = random.Random(f"{seed} {seq}")
    salt, key = chance.randbytes(16).hex(), f"记录-{chance.randrange(50)}"
    at, standard = "2026-03-01T00:00:00.000Z", f"{DATASET}@1"
    record = f'{{"content":"{chance.randrange(10**9)}","party":"某某公司\\n{seq}"}}'
    operation, digest = "upsert", f'"{hashlib.sha256(record.encode()).hexdigest()}"'
    if seq % 7 == 0:
        operation, record, digest = "delete", "", "null"
    commitment = hashlib.sha256(f"{salt}\n{key}\n{record}".encode()).hexdigest()
    leaf = f"{seq}\n{operation}\n{at}\n{standard}\n{commitment}".encode()
    rest = f'"recorded_at":"{at}","standard":"{standard}"'
    if seq % 11 == 0:
        was = f'{{"seq":{seq},"operation":"erased","was":"{operation}",'
        return f'{was}{rest},"commitment":"{commitment}"}}', leaf
    more = f',"record":{record}' if record else ""
    begin = f'{{"seq":{seq},"operation":"{operation}","key":"{key}","digest":{digest},'
    return f'{begin}{rest},"salt":"{salt}"{more}}}', leaf


@dataclass
class LinesHub:
    """What a hub serves of `lines`; `asked` are the paths that were asked for."""

    lines: list[str]
    leaves: Hashes
    asked: list[str] = field(default_factory=list)
    changed: dict[str, bytes] = field(default_factory=dict)  # path → what is served in its place

    @classmethod
    def of(cls, count: int, seed: int = 0) -> LinesHub:
        made = [some_line(seq, seed) for seq in range(1, count + 1)]
        return cls([line for line, _ in made], leaves_of([leaf for _, leaf in made]))

    @cached_property
    def _nodes(self) -> Node:
        return nodes_over(self.leaves)

    @property
    def keys(self) -> list[HubKey]:
        public = SIGNER.public_key
        text = base64.b64encode(public).decode()
        return [HubKey(key_id(public), SIGNER.algorithm, text, "2026-01-01T00:00:00Z")]

    def hub(self) -> Hub:
        return Hub("http://hub.example", httpx.Auth(), httpx.MockTransport(self._answer))

    def note(self, size: int | None = None) -> str:
        size = len(self.lines) if size is None else size
        root = Frontier().extend(self.leaves[:size]).root()
        return write(ORIGIN, size, root, "2026-03-02T00:00:00Z", SIGNER, ORIGIN)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(f"/exchange/v1/datasets/{DATASET}/")
        self.asked.append(path)
        body = self.changed.get(path)
        if body is None:
            body = self._body(
                path, {name: int(value) for name, value in request.url.params.items()}
            )
        return httpx.Response(200, content=body)

    def _body(self, path: str, asked: dict[str, int]) -> bytes:
        if path == "checkpoint":
            return self.note().encode()
        if path == "entries":
            chosen = self.lines[asked["after"] : asked["after"] + asked["limit"]]
            return "".join(f"{line}\n" for line in chosen).encode()
        if path == "proof/consistency":
            found = consistency_path(asked["from"], asked["to"], self._nodes)
            return orjson.dumps({"hashes": [one.hex() for one in found]})
        tile = tile_at(path)
        row = self.leaves
        for _ in range(tile.level):
            row = _roots(row)
        return row[tile.index * 256 :][: tile.width].tobytes()


def _roots(row: Hashes) -> Hashes:
    """The roots of whole tiles, by the slow way."""
    whole = [row[at : at + 256] for at in range(0, len(row) - 255, 256)]
    return hashes_of(b"".join(mth(rows(one)) for one in whole))
