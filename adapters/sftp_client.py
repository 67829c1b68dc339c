"""What paramiko's client lacks: names in other encodings, and fast reading in constant memory.

Both use parts of `paramiko.SFTPClient` that are its own affair; the tests run them against sshd.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import paramiko
from paramiko.message import Message
from paramiko.sftp import CMD_DATA, CMD_NAME, CMD_READ, int64

_REQUEST = 32 << 10  # bytes that every server gives at once (draft filexfer-02, 6.4)
_AHEAD = 256  # requests on their way at once: 8 MB, which hides the network's delay


class SftpClient(paramiko.SFTPClient):
    """Paramiko takes every text for UTF-8; servers on a Chinese Windows write theirs in GBK."""

    def __init__(self, channel: paramiko.Channel, encoding: str) -> None:
        self.encoding = encoding
        super().__init__(channel)

    def _request(self, kind: int, *told: Any) -> tuple[int, Message]:
        answer, message = super()._request(kind, *told)  # type: ignore[misc]
        return answer, _Text.of(message, self.encoding) if answer == CMD_NAME else message

    def _convert_status(self, message: Message) -> None:
        super()._convert_status(_Text.of(message, self.encoding))  # type: ignore[misc]


class _Text(Message):
    encoding = "utf-8"

    @classmethod
    def of(cls, message: Message, encoding: str) -> _Text:
        text = cls()
        text.packet, text.encoding = message.packet, encoding
        return text

    def get_text(self) -> str:
        return self.get_string().decode(self.encoding)


def read_ahead(client: Any, handle: Any, size: int) -> Iterator[bytes]:
    """The first `size` bytes of an open file, in order; many requests are on their way at once.

    Instead of `SFTPFile.prefetch`: when its thread is overtaken by the answers, it keeps the rest of
    the file in memory (seen in one of three reads of 200 MB), and a broken line has it print a
    traceback. Raises EOFError where the file is shorter, and what the connection raises.
    """
    ahead, asked, given = _Ahead(client, handle), 0, 0
    while given < size:
        while asked < size and len(ahead.waiting) + len(ahead.ready) < _AHEAD:
            length = min(_REQUEST, size - asked)
            ahead.ask(asked, length)
            asked += length
        while given not in ahead.ready:
            client._read_response()
        block = ahead.ready.pop(given)
        given += len(block)
        yield block


class _Ahead:
    """`waiting` are offset and length of each request, `ready` the bytes at each offset."""

    def __init__(self, client: Any, handle: Any) -> None:
        self.client, self.handle = client, handle
        self.waiting: dict[int, tuple[int, int]] = {}
        self.ready: dict[int, bytes] = {}

    def ask(self, offset: int, length: int) -> None:
        number = self.client._async_request(self, CMD_READ, self.handle, int64(offset), length)
        self.waiting[number] = (offset, length)

    def _async_response(self, answer: int, message: Message, number: int) -> None:
        """Called by the client for each answer; one with fewer bytes is asked for the rest."""
        offset, length = self.waiting.pop(number)
        if answer != CMD_DATA:
            self.client._convert_status(message)
        block = message.get_string() if answer == CMD_DATA else b""
        if not block or len(block) > length:
            raise paramiko.SFTPError(f"{len(block)} bytes instead of {length}")
        self.ready[offset] = block
        if len(block) < length:
            self.ask(offset + len(block), length - len(block))
