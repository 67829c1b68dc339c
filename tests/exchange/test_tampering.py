"""Whatever is edited in a served stream, segment or checkpoint is detected by who verifies it."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable

import pyarrow as pa
import pytest

from exchange_schemas.errors import Corrupt
from hub.consume.batch import checked_batch
from hub.consume.files import unpack
from hub.tree.checkpoint import NoteKey, verify
from hub.tree.frontier import Frontier
from tests.exchange.made_lines import DATASET, ORIGIN, SIGNER, LinesHub

SIZE = 300
HUB = LinesHub.of(SIZE)
OTHER = LinesHub.of(SIZE, seed=1)
BODY = "".join(f"{line}\n" for line in HUB.lines).encode()
NOTE = HUB.note()
KEYS = [NoteKey(SIGNER.algorithm, SIGNER.public_key)]
ROOT = verify(NOTE, KEYS, ORIGIN).root

Edit = Callable[[random.Random, bytes], bytes]


def accepted_stream(body: bytes, note: str = NOTE) -> bool:
    """Whether a consumer takes these entries, which the checkpoint is said to be of."""
    try:
        head = verify(note, KEYS, ORIGIN)
        batch = checked_batch(DATASET, body, 0, head.size)
    except Corrupt:
        return False
    return Frontier().extend(batch.leaves).root() == head.root


def accepted_segment(packed: bytes) -> bool:
    """Whether a consumer takes this file, even where its digest was replaced as well."""
    try:
        return accepted_stream(unpack(packed))
    except ValueError:
        return False


def bit(chance: random.Random, raw: bytes) -> bytes:
    place = chance.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ 1 << chance.randrange(8)]) + raw[place + 1 :]


def truncated(chance: random.Random, raw: bytes) -> bytes:
    return raw[: chance.randrange(len(raw))]


def lengthened(chance: random.Random, raw: bytes) -> bytes:
    place = chance.randrange(len(raw))
    return raw + raw[place : place + 1 + chance.randrange(600)]


def rows(change: Callable[[random.Random, list[str]], None]) -> Edit:
    def edit(chance: random.Random, raw: bytes) -> bytes:
        lines = raw.decode().splitlines()
        change(chance, lines)
        return "".join(f"{line}\n" for line in lines).encode()

    return edit


def lost(chance: random.Random, lines: list[str]) -> None:
    del lines[chance.randrange(len(lines))]


def lost_and_renumbered(chance: random.Random, lines: list[str]) -> None:
    lost(chance, lines)
    for place, line in enumerate(lines):
        lines[place] = f'{{"seq":{place + 1},' + line.partition(",")[2]
    lines.append(OTHER.lines[-1])


def doubled(chance: random.Random, lines: list[str]) -> None:
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))


def order(chance: random.Random, lines: list[str]) -> None:
    one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]


def order_renumbered(chance: random.Random, lines: list[str]) -> None:
    one, other = chance.sample(range(len(lines)), 2)
    mine, its = lines[one].partition(","), lines[other].partition(",")
    lines[one], lines[other] = mine[0] + "," + its[2], its[0] + "," + mine[2]


def tail(chance: random.Random, lines: list[str]) -> None:
    del lines[chance.randrange(len(lines)) :]


def of_another(chance: random.Random, lines: list[str]) -> None:
    place = chance.randrange(len(lines))
    lines[place] = OTHER.lines[place]


def content(chance: random.Random, lines: list[str]) -> None:
    """Another record, with the right digest of it."""
    place = chance.choice([at for at, line in enumerate(lines) if ',"record":' in line])
    head, _, record = lines[place][:-1].partition(',"record":')
    told = json.loads(head + "}")["digest"]
    record = record.replace('"content":"', f'"content":"{chance.randrange(1, 10)}')
    head = head.replace(told, hashlib.sha256(record.encode()).hexdigest())
    lines[place] = f'{head},"record":{record}}}'


def operation(chance: random.Random, lines: list[str]) -> None:
    """An upsert as a delete, or what was deleted as erased."""
    place = chance.choice([at for at, line in enumerate(lines) if '"operation":"upsert"' in line])
    told = json.loads(lines[place])
    told |= {"operation": "delete", "digest": None}
    del told["record"]
    lines[place] = json.dumps(told, ensure_ascii=False, separators=(",", ":"))


STREAM: dict[str, Edit] = {
    "bit": bit,
    "truncated": truncated,
    "lengthened": lengthened,
    **{
        change.__name__: rows(change)
        for change in (
            lost, lost_and_renumbered, doubled, order, order_renumbered, tail, of_another, content,
            operation,
        )
    },
}  # fmt: skip
FILE: dict[str, Edit] = {"bit": bit, "truncated": truncated}


def packed(body: bytes) -> bytes:
    """A segment's file: zstd frames one behind the other."""
    half = body.find(b"\n", len(body) // 2) + 1
    codec = pa.Codec("zstd")
    return b"".join(bytes(codec.compress(part)) for part in (body[:half], body[half:]))


SEALED = packed(BODY)


def check(count: int, figures: dict[str, int | float]) -> None:
    """`count` edits of each of stream, segment and checkpoint in turn."""
    assert accepted_stream(BODY)
    assert accepted_segment(SEALED)
    chance, edits = random.Random(7), 0
    while edits < count:
        for name, edit in STREAM.items():
            edited = edit(chance, BODY)
            # Where an edit changed nothing (a row doubled as itself can't be) there is nothing to detect.
            if edited != BODY:
                assert not accepted_stream(edited), name
                assert not accepted_segment(packed(edited)), name
                edits += 1
        for name, edit in FILE.items():
            edited = edit(chance, SEALED)
            # zstd has bits that mean nothing: then the content is the same, and the file's digest isn't.
            same = edited != SEALED and accepted_segment(edited)
            assert not same or unpack(edited) == BODY, name
            assert hashlib.sha256(edited).digest() != hashlib.sha256(SEALED).digest()
            edits += 1
        for name, edit in FILE.items():
            edited = edit(chance, NOTE.encode())
            assert not accepted_stream(BODY, edited.decode("utf-8", "replace")), name
            edits += 1
    figures["edits of stream, segment and checkpoint, all detected"] = edits


def test_edits_are_detected(figures: dict[str, int | float]) -> None:
    check(100, figures)


@pytest.mark.slow
def test_a_thousand_edits_are_detected(figures: dict[str, int | float]) -> None:
    check(1_000, figures)
