"""A real mail server for the tests, on a free loopback port, which keeps what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.services.server import free_port


@dataclass
class Mailserver:
    """Where it listens, and the letters that came, by the mailbox they were for.

    Mailboxes in `unknown` are refused for good (550), those in `busy` for now (450).
    """

    url: str = ""
    letters: dict[str, list[EmailMessage]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd asks for
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.unknown:
            return "550 no such mailbox"
        if address in self.busy:
            return "450 try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content, policy=policy.default)
        for address in envelope.rcpt_tos:
            self.letters.setdefault(address, []).append(letter)
        return "250 OK"


@contextmanager
def smtp_server() -> Iterator[Mailserver]:
    """Runs the server until the block ends."""
    kept, port = Mailserver(), free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    kept.url = f"smtp://127.0.0.1:{port}"
    controller.start()
    try:
        yield kept
    finally:
        controller.stop()
