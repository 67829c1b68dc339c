"""Source: files that come as attachments to e-mails, fetched over IMAP (RFC 9051)."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from fnmatch import fnmatchcase
from typing import Any

from adapters.delivered import file_name
from adapters.network import open_socket
from adapters.source import SECRET, Ask, Part
from adapters.steadily import steadily
from exchange_schemas.errors import (
    HubError,
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from exchange_schemas.issue import Issue

_TEXT = {"type": "string", "minLength": 1}
_HEADERS = ("From", "Date", "Subject", "Message-ID")
_RAW_NAME = re.compile(r'name="?([^";]+)', re.IGNORECASE)
_CURSOR = re.compile(r"^([0-9]+):([0-9]+)$")  # UIDVALIDITY and the last UID


class ImapSource:
    """The attachments whose name fits `attachment`, of messages in `folder`, oldest first.

    Nothing is deleted or marked. What was fetched is known by UIDVALIDITY and UID; where the server
    numbers its messages anew, it begins again, and what the ledger has is unchanged.
    """

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["host", "user", "password", "attachment"],
        "properties": {
            "host": _TEXT,
            "port": {"type": "integer", "minimum": 1, "maximum": 65535},
            "user": _TEXT,
            "password": SECRET,
            "tls": {"enum": ["implicit", "starttls", "none"]},
            "folder": _TEXT,
            "from": _TEXT,
            "subject": _TEXT,
            "attachment": _TEXT,
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The attachments of messages after the cursor.

        Raises SourceUnreadable (account_refused, delivery_too_large), SourceUnavailable
        (mail_folder_missing), SourceFaltering (source_unreachable), Misdeclared (mail_unencrypted).
        """
        client = steadily(lambda: _log_in(ask))
        with _telling(ask):
            try:
                validity = _select(client, ask)
                for uid in _search(client, ask, validity):
                    ask.progress(f"message {uid}")
                    yield from _attachments(_message(client, uid, ask), f"{validity}:{uid}", ask)
            finally:
                _leave(client)


def _log_in(ask: Ask) -> imaplib.IMAP4:
    """A session; a login that is refused isn't tried again, or the account may be locked."""
    tls = ask.options.get("tls", "implicit")
    if tls == "none" and not ask.internal:
        raise Misdeclared(Issue("mail_unencrypted", value=str(ask.options["host"])))
    port = int(ask.options.get("port", 993 if tls == "implicit" else 143))
    with _telling(ask):
        client = (_Tls if tls == "implicit" else _Plain)(ask, port)
        try:
            if tls == "starttls":
                _start_tls(client, ask)
            client.login(str(ask.options["user"]), str(ask.options["password"]))
        except imaplib.IMAP4.abort:
            raise
        except (imaplib.IMAP4.error, UnicodeError):
            _leave(client)
            words = {"user": str(ask.options["user"])}
            issue = Issue("account_refused", value=str(ask.options["host"]), params=words)
            raise SourceUnreadable(issue) from None  # the server's words may repeat what was sent
    return client


def _start_tls(client: imaplib.IMAP4, ask: Ask) -> None:
    try:
        client.starttls(ssl.create_default_context())
    except imaplib.IMAP4.error as error:  # it isn't offered: no password goes without
        raise SourceUnreadable(Issue("mail_no_tls", value=str(ask.options["host"]))) from error


class _Plain(imaplib.IMAP4):
    def __init__(self, ask: Ask, port: int) -> None:
        self._ask = ask
        super().__init__(str(ask.options["host"]), port, float(ask.limits.request_seconds))

    def _create_socket(self, timeout: float | None) -> socket.socket:
        seconds = timeout or float(self._ask.limits.request_seconds)
        return open_socket(self.host, self.port, self._ask.internal, seconds)


class _Tls(_Plain):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = super()._create_socket(timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


def _select(client: imaplib.IMAP4, ask: Ask) -> int:
    """Open the folder for reading only; returns its UIDVALIDITY."""
    folder = str(ask.options.get("folder", "INBOX"))
    quoted = '"' + _utf7(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'
    answer, _ = client.select(quoted, readonly=True)
    if answer != "OK":
        raise SourceUnavailable(Issue("mail_folder_missing", value=folder))
    _, told = client.response("UIDVALIDITY")
    return int(told[0] or 0) if told else 0


def _search(client: imaplib.IMAP4, ask: Ask, validity: int) -> list[int]:
    """The UIDs after the cursor, in their order."""
    known = _CURSOR.match(ask.cursor or "")
    last = int(known[2]) if known and int(known[1]) == validity else 0
    words = ["CHARSET", "UTF-8", "UID", f"{last + 1}:*"]
    if "from" in ask.options:
        words.append("FROM")
        client.literal = str(ask.options["from"]).encode()  # type: ignore[assignment]
    answer, told = client.uid("SEARCH", *words)
    if answer != "OK":
        raise imaplib.IMAP4.abort("SEARCH")
    # "n:*" is the last message even where its number is lower
    return sorted(uid for uid in map(int, (told[0] or b"").split()) if uid > last)


def _message(client: imaplib.IMAP4, uid: int, ask: Ask) -> EmailMessage:
    """The whole message, which stays unread."""
    answer, told = client.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE ([0-9]+)", b" ".join(_bytes(told)))
    if size and int(size[1]) > ask.limits.bytes:
        raise SourceUnreadable(
            Issue("delivery_too_large", file=f"UID {uid}", value=f"{ask.limits.bytes >> 20} MB")
        )
    answer, told = client.uid("FETCH", str(uid), "(BODY.PEEK[])")
    bodies = [one[1] for one in told if isinstance(one, tuple)]
    if answer != "OK" or not bodies:
        raise imaplib.IMAP4.abort("FETCH")
    return message_from_bytes(bodies[0], policy=policy.default)


def _attachments(message: EmailMessage, cursor: str, ask: Ask) -> Iterator[Part]:
    """The message's fitting attachments; the last one moves the cursor."""
    wanted = str(ask.options.get("subject", ""))
    if wanted not in _subject(message):
        return
    parts = [
        (name, part)
        for part in message.walk()
        if not part.is_multipart() and (name := _name(part))
        and fnmatchcase(name, str(ask.options["attachment"]))
    ]  # fmt: skip
    headers = {name: _decoded(str(message[name])) for name in _HEADERS if message[name]}
    for place, (name, part) in enumerate(parts, 1):
        data = part.get_payload(decode=True)
        body = data if isinstance(data, bytes) else b""
        moved = cursor if place == len(parts) else None
        yield Part(
            file_name(name), [body], f"imap {headers.get('Message-ID', '')}", headers, moved
        )


def _name(part: EmailMessage) -> str:
    """What the attachment is called, in the ways of RFC 2231, of RFC 2047, and of raw GBK bytes."""
    for header in ("Content-Disposition", "Content-Type"):
        raw = _raw(part, header)
        found = _RAW_NAME.search(raw) if not raw.isascii() else None
        if found:
            return _decoded(found[1])
    return _decoded(part.get_filename() or "")


def _raw(part: EmailMessage, header: str) -> str:
    """A header as it came: what isn't ASCII are bytes, escaped; the parser has lost them already."""
    return next((str(v) for name, v in part.raw_items() if name.lower() == header.lower()), "")


def _subject(message: EmailMessage) -> str:
    raw = _raw(message, "Subject")
    return _decoded(str(message.get("Subject", "")) if raw.isascii() else raw)


def _decoded(text: str) -> str:
    if "=?" in text:
        try:
            text = str(make_header(decode_header(text)))
        except (LookupError, UnicodeError):
            return text
    if any("\udc80" <= letter <= "\udcff" for letter in text):  # bytes that say no encoding
        raw = text.encode("utf-8", "surrogateescape")
        for encoding in ("utf-8", "gb18030"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return text


def _utf7(folder: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3): 报送 is &YqWQAQ-."""
    out: list[str] = []
    for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", folder):
        if run.isascii():
            out.append(run.replace("&", "&-"))
        else:
            coded = run.encode("utf-7").decode().removeprefix("+").removesuffix("-")
            out.append(f"&{coded.replace('/', ',')}-")
    return "".join(out)


def _bytes(told: list[Any]) -> list[bytes]:
    return [one if isinstance(one, bytes) else b" ".join(one) for one in told if one]


def _leave(client: imaplib.IMAP4) -> None:
    try:
        client.logout()
    except (OSError, imaplib.IMAP4.error):  # what was fetched is fetched
        return


@contextmanager
def _telling(ask: Ask) -> Iterator[None]:
    """Errors of the connection by what to do."""
    try:
        yield
    except HubError:
        raise
    except ssl.SSLCertVerificationError as error:
        words = {"reason": error.verify_message}
        issue = Issue("http_certificate", value=str(ask.options["host"]), params=words)
        raise SourceUnreadable(issue) from error
    except (OSError, imaplib.IMAP4.error) as error:
        words = {"reason": type(error).__name__}
        host = str(ask.options["host"])
        raise SourceFaltering(Issue("source_unreachable", value=host, params=words)) from error
