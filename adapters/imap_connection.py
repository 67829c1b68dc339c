"""A mailbox over IMAP (RFC 3501), opened anew when its connection breaks."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, TypeVar

from adapters.deadline import Connections
from adapters.network import open_socket
from adapters.source import Ask
from adapters.steadily import steadily
from exchange_schemas.errors import (
    HubError,
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from exchange_schemas.issue import Issue

T = TypeVar("T")


@dataclass(slots=True)
class Folder:
    """The feed's folder, read only. `validity` is its UIDVALIDITY, 0 until it was opened.

    Every call raises SourceUnreadable (account_refused, mail_no_tls, http_certificate,
    delivery_too_large), SourceUnavailable (mail_folder_missing), Misdeclared (mail_unencrypted),
    SourceFaltering (source_unreachable) after several attempts.
    """

    ask: Ask
    connections: Connections
    validity: int = 0
    _client: imaplib.IMAP4 | None = field(default=None)

    def after(self, last: Callable[[int], int]) -> list[int]:
        """The UIDs above `last(UIDVALIDITY)` of the sender that the feed names, in their order."""
        return self._call(lambda client: _search(client, last(self.validity), self.ask))

    def message(self, uid: int) -> EmailMessage | None:
        """The whole message, which stays unread; None where it was deleted meanwhile."""
        return self._call(lambda client: _fetch(client, uid, self.ask))

    def close(self) -> None:
        """Ends the session; never raises."""
        client, self._client = self._client, None
        if client is not None:
            _leave(client)

    def _call(self, what: Callable[[imaplib.IMAP4], T]) -> T:
        return steadily(lambda: self._once(what))

    def _once(self, what: Callable[[imaplib.IMAP4], T]) -> T:
        with _telling(self.ask):
            try:
                self._client = self._client or self._open()
                return what(self._client)
            except BaseException:
                self.close()
                raise

    def _open(self) -> imaplib.IMAP4:
        client = _log_in(self.ask, self.connections)
        try:
            self.validity = _same(self.validity, _select(client, self.ask))
        except BaseException:
            _leave(client)
            raise
        return client


def utf7(folder: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3): 报送 is &YqWQAQ-."""
    out: list[str] = []
    for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", folder):
        if run.isascii():
            out.append(run.replace("&", "&-"))
        else:
            coded = run.encode("utf-7").decode().removeprefix("+").removesuffix("-")
            out.append(f"&{coded.replace('/', ',')}-")
    return "".join(out)


def _log_in(ask: Ask, connections: Connections) -> imaplib.IMAP4:
    """A session; a login that is refused isn't tried again, or the account may be locked."""
    tls, host = ask.options.get("tls", "implicit"), str(ask.options["host"])
    if tls == "none" and not ask.internal:
        raise Misdeclared(Issue("mail_unencrypted", value=host))
    port = int(ask.options.get("port", 993 if tls == "implicit" else 143))
    client = (_Tls if tls == "implicit" else _Plain)(ask, port, connections)
    try:
        if tls == "starttls":
            _start_tls(client, host)
            connections.add(client.sock)
    except BaseException:
        _leave(client)
        raise
    _give_password(client, ask, host)
    return client


def _give_password(client: imaplib.IMAP4, ask: Ask, host: str) -> None:
    try:
        client.login(str(ask.options["user"]), str(ask.options["password"]))
    except (imaplib.IMAP4.abort, OSError):
        _leave(client)
        raise
    except (imaplib.IMAP4.error, UnicodeError):
        _leave(client)
        words = {"user": str(ask.options["user"])}
        issue = Issue("account_refused", value=host, params=words)
        raise SourceUnreadable(issue) from None  # the server's words may repeat what was sent


def _start_tls(client: imaplib.IMAP4, host: str) -> None:
    if "STARTTLS" not in client.capabilities:  # no password goes without
        raise SourceUnreadable(Issue("mail_no_tls", value=host))
    client.starttls(ssl.create_default_context())


class _Plain(imaplib.IMAP4):
    def __init__(self, ask: Ask, port: int, connections: Connections) -> None:
        self._ask, self._connections = ask, connections
        super().__init__(str(ask.options["host"]), port, float(ask.limits.request_seconds))

    def _create_socket(self, timeout: float | None) -> socket.socket:
        seconds = timeout or float(self._ask.limits.request_seconds)
        plain = open_socket(self.host, self.port, self._ask.internal, seconds)
        return self._connections.add(plain)

    def read(self, size: int) -> bytes:
        """`size` bytes as the server announced them, which needn't be what it said before."""
        if size > self._ask.limits.bytes:
            raise _too_large("e-mail", self._ask)
        return super().read(size)


class _Tls(_Plain):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = super()._create_socket(timeout)
        context = ssl.create_default_context()
        return self._connections.add(context.wrap_socket(plain, server_hostname=self.host))


def _select(client: imaplib.IMAP4, ask: Ask) -> int:
    """Open the folder for reading only; returns its UIDVALIDITY."""
    folder = str(ask.options.get("folder", "INBOX"))
    quoted = '"' + utf7(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'
    answer, _ = client.select(quoted, readonly=True)
    if answer != "OK":
        raise SourceUnavailable(Issue("mail_folder_missing", value=folder))
    _, told = client.response("UIDVALIDITY")
    return int(told[0] or 0) if told else 0


def _search(client: imaplib.IMAP4, last: int, ask: Ask) -> list[int]:
    words, sender = ["UID", f"{last + 1}:*"], str(ask.options.get("from", ""))
    if sender:
        # servers needn't know any charset but ASCII (RFC 3501, 6.4.4)
        words = [*([] if sender.isascii() else ["CHARSET", "UTF-8"]), *words, "FROM"]
        client.literal = sender.encode()  # type: ignore[assignment]
    answer, told = client.uid("SEARCH", *words)
    if answer != "OK":
        raise imaplib.IMAP4.abort("SEARCH")
    # "n:*" is the last message even where its number is lower
    return sorted(uid for uid in map(int, (told[0] or b"").split()) if uid > last)


def _fetch(client: imaplib.IMAP4, uid: int, ask: Ask) -> EmailMessage | None:
    answer, told = client.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE ([0-9]+)", b" ".join(_bytes(told)))
    if size and int(size[1]) > ask.limits.bytes:
        raise _too_large(f"UID {uid}", ask)
    answer, told = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
    if answer != "OK":
        raise imaplib.IMAP4.abort("FETCH")
    bodies = [one[1] for one in told if isinstance(one, tuple)]
    return message_from_bytes(bodies[0], policy=policy.default) if bodies else None


def _same(before: int, now: int) -> int:
    """The folder's UIDVALIDITY; where it changed, the UIDs in hand mean nothing."""
    if before not in (0, now):
        raise imaplib.IMAP4.abort("UIDVALIDITY")
    return now


def _too_large(file: str, ask: Ask) -> SourceUnreadable:
    return SourceUnreadable(
        Issue("delivery_too_large", file=file, value=f"{ask.limits.bytes >> 20} MB")
    )


def _bytes(told: list[Any]) -> list[bytes]:
    return [one if isinstance(one, bytes) else b" ".join(one) for one in told if one]


def _leave(client: imaplib.IMAP4) -> None:
    with suppress(OSError, imaplib.IMAP4.error, HubError):  # what was fetched is fetched
        client.logout()
    with suppress(OSError):
        client.shutdown()


@contextmanager
def _telling(ask: Ask) -> Iterator[None]:
    """Errors of the connection by what to do."""
    host = str(ask.options["host"])
    try:
        yield
    except HubError:
        raise
    except ssl.SSLCertVerificationError as error:
        words = {"reason": error.verify_message}
        issue = Issue("http_certificate", value=host, params=words)
        raise SourceUnreadable(issue) from error
    except (OSError, imaplib.IMAP4.error) as error:
        words = {"reason": type(error).__name__}
        raise SourceFaltering(Issue("source_unreachable", value=host, params=words)) from error
