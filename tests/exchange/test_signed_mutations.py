"""A signed request with one byte changed is another request, and isn't let in."""

from __future__ import annotations

import random
import re

import pytest

from tests.exchange.access_hub import SIGNED_KINDS, Door, a_signing_key, open_door, registered
from tests.hub.ledger_data import MARKET, a_company, made, put

PAGE = f"/exchange/v1/datasets/{MARKET}/entries?after=0&limit=3"
APPLY = "/exchange/v1/applications"
BODY = '{"dataset":"complaint_report","purpose":"效能监察","legal_basis":"监察法"}'.encode()
# What isn't part of what is asked: how the connection is kept, and how long the body is, which the
# digest tells.
_LEFT_OUT = re.compile(rb"Connection: close|Content-Length: \d+| HTTP/1.1|: |\r\n")


def places(request: bytes) -> list[int]:
    """Where a byte says something: method, target, names and values of headers, body."""
    end = request.index(b"\r\n\r\n")
    silent = {n for m in _LEFT_OUT.finditer(request, 0, end + 4) for n in range(*m.span())}
    return [n for n in range(len(request)) if n not in silent]


def mutated(request: bytes, chance: random.Random) -> bytes:
    """The request with one byte changed. Names of headers and the host are the same in capitals
    (RFC 9110 sections 4.2.3, 5.1), so they are changed to something else than that."""
    while True:
        place, byte = chance.choice(places(request)), chance.randrange(256)
        other = request[:place] + bytes([byte]) + request[place + 1 :]
        if said(other) != said(request):
            return other


def said(request: bytes) -> tuple[bytes, ...]:
    """What a request says, with what has no capitals in small letters."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    fields = [line.partition(b":") for line in lines]
    small = [(n.lower(), v.lower() if n.lower() == b"host" else v) for n, _, v in fields]
    return first, body, *(n + b":" + v for n, v in small)


def accepted(door: Door, count: int, seed: int) -> tuple[int, int]:
    """(requests as they were signed that were let in, changed ones that were)."""
    chance = random.Random(seed)
    who, _ = registered(door.engine)
    # SM2 takes long in Python, so it has one in 25.
    keys = {kind: a_signing_key(door.engine, who, kind) for kind in SIGNED_KINDS}
    right = wrong = 0
    for number in range(count):
        kind = "sm2" if number % 25 == 0 else SIGNED_KINDS[number % 2]
        method, path, body = ("POST", APPLY, BODY) if number % 3 == 0 else ("GET", PAGE, b"")
        request = door.raw(method, path, keys[kind], body)
        wrong += 200 <= door.status(mutated(request, chance)) < 400
        # Nothing of the changed one was kept: the real one is let in still. An application that
        # waits already is answered with 409, which only who was let in is told.
        right += door.status(request) in (200, 201, 409)
    return right, wrong


def test_one_byte_changed_is_not_let_in(database_url: str) -> None:
    engine = made(database_url)
    put(engine, MARKET, [a_company(n) for n in range(9)])
    with open_door(engine) as door:
        right, wrong = accepted(door, 50, seed=7)
    assert (right, wrong) == (50, 0)


@pytest.mark.slow
def test_a_thousand_changed_requests(database_url: str, figures: dict[str, int | float]) -> None:
    engine = made(database_url)
    put(engine, MARKET, [a_company(n) for n in range(9)])
    with open_door(engine) as door:
        right, wrong = accepted(door, 1_000, seed=11)
    assert (right, wrong) == (1_000, 0)
    figures["signed requests with one byte changed"] = 1_000
    figures["… let in"] = wrong
