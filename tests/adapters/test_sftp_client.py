"""Reading ahead: whatever a server's answers are like, the bytes come in their order."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import paramiko
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paramiko.message import Message
from paramiko.sftp import CMD_DATA

from adapters import sftp_client
from adapters.sftp_client import read_ahead


class Server:
    """Answers in any order, and with fewer bytes than were asked for, as servers may."""

    def __init__(self, content: bytes, chance: random.Random, extra: int = 0) -> None:
        self.content, self.chance, self.extra = content, chance, extra
        self.asked: list[tuple[Any, int, int, int]] = []
        self.most = self.number = 0

    def _async_request(self, reader: Any, _kind: int, _handle: Any, offset: int, size: int) -> int:
        self.number += 1
        self.asked.append((reader, self.number, offset, size))
        self.most = max(self.most, len(self.asked))
        return self.number

    def _read_response(self) -> None:
        reader, number, offset, size = self.asked.pop(self.chance.randrange(len(self.asked)))
        given = self.content[offset : offset + self.chance.randint(1, size) + self.extra]
        message = Message()
        message.add_string(given)
        reader._async_response(CMD_DATA, Message(message.asbytes()), number)


@given(st.binary(max_size=200), st.randoms(use_true_random=False))
def test_bytes_come_in_their_order(content: bytes, chance: random.Random) -> None:
    server = Server(content, chance)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sftp_client, "_REQUEST", 7)
        patch.setattr(sftp_client, "_AHEAD", 5)
        assert b"".join(read_ahead(server, SimpleNamespace(), len(content))) == content
    assert server.most <= 5


def test_a_server_that_gives_more_or_nothing() -> None:
    for server in (Server(bytes(9), random.Random(1), extra=9), Server(b"", random.Random(1))):
        with pytest.raises(paramiko.SFTPError):
            list(read_ahead(server, SimpleNamespace(), 3))
