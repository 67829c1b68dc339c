"""An e-mail's subject and attachments, as mail programs of the last thirty years wrote them."""

from __future__ import annotations

import re
from email import errors
from email.header import decode_header, make_header
from email.message import EmailMessage

from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

_HEADERS = ("From", "Date", "Subject", "Message-ID")
_RAW_NAME = re.compile(r'name="?([^";]+)', re.IGNORECASE)
# What the parser notes where a message, or a file in it, was cut off.
_CUT = (
    errors.CloseBoundaryNotFoundDefect,
    errors.InvalidBase64PaddingDefect,
    errors.InvalidBase64LengthDefect,
)


def attachments(message: EmailMessage) -> list[tuple[str, EmailMessage]]:
    """Every part that has a name, and the name, in their order."""
    named = ((_name(part), part) for part in message.walk() if not part.is_multipart())
    return [(name, part) for name, part in named if name]


def whole(name: str, part: EmailMessage, message: EmailMessage) -> bytes:
    """The attachment's bytes; raises SourceUnreadable (attachment_damaged) where some are missing."""
    data = part.get_payload(decode=True)  # only now the parser looks at its Base64
    found = [defect for one in (message, *message.walk()) for defect in one.defects]
    if any(isinstance(defect, _CUT) for defect in found) or not isinstance(data, bytes):
        of = headers(message)
        words = {"sender": of.get("From", "?"), "date": of.get("Date", "?")}
        raise SourceUnreadable(Issue("attachment_damaged", value=name, params=words))
    return data


def headers(message: EmailMessage) -> dict[str, str]:
    """From, Date, Subject and Message-ID, those that it has, decoded."""
    told = {name: str(message[name]) for name in _HEADERS if message[name]}
    return {name: decoded(text) for name, text in told.items()}


def subject(message: EmailMessage) -> str:
    """The subject, decoded; "" where there is none."""
    raw = _raw(message, "Subject")
    return decoded(str(message.get("Subject", "")) if raw.isascii() else raw)


def decoded(text: str) -> str:
    """A header's text in the way of RFC 2047, or of raw bytes, which are then UTF-8 or GB 18030."""
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


def _name(part: EmailMessage) -> str:
    """What the attachment is called, in the ways of RFC 2231, of RFC 2047, and of raw GBK bytes."""
    for header in ("Content-Disposition", "Content-Type"):
        raw = _raw(part, header)
        found = _RAW_NAME.search(raw) if not raw.isascii() else None
        if found:
            return decoded(found[1])
    return decoded(part.get_filename() or "")


def _raw(part: EmailMessage, header: str) -> str:
    """A header as it came: what isn't ASCII are bytes, escaped; the parser has lost them already."""
    return next((str(v) for name, v in part.raw_items() if name.lower() == header.lower()), "")
