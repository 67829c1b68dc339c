"""Source: files that come as attachments to e-mails, fetched over IMAP."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from fnmatch import fnmatchcase
from typing import Any

from adapters.deadline import Connections
from adapters.delivered import file_name
from adapters.imap_connection import Folder
from adapters.mail_message import attachments, headers, subject, whole
from adapters.source import SECRET, Ask, Part

_TEXT = {"type": "string", "minLength": 1}
_CURSOR = re.compile(r"^([0-9]+):([0-9]+)$")  # UIDVALIDITY and the last UID
_NAMED = 20  # messages that a header names one by one

#: Part header: messages before this one that the feed is about, and that have no fitting attachment.
PASSED_OVER = "Passed-Over"


class ImapSource:
    """The attachments whose name fits `attachment`, of messages in `folder`, oldest first.

    Nothing is deleted or marked. What was fetched is known by UIDVALIDITY and UID; where the server
    numbers its messages anew, it begins again, and what the ledger has is unchanged. A message
    without a fitting attachment is told with the next part that there is: the cursor doesn't pass it
    before, so each is told once.
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

        Raises as `Folder`, SourceUnreadable (attachment_damaged), SourceUnavailable (source_slow).
        """
        connections = Connections()
        folder = Folder(ask, connections)
        with connections.until(ask.limits.seconds, str(ask.options["host"])):
            try:
                yield from _parts(folder, ask)
            finally:
                folder.close()


def _parts(folder: Folder, ask: Ask) -> Iterator[Part]:
    passed: list[int] = []
    for uid in folder.after(lambda validity: _last(ask.cursor, validity)):
        ask.progress(f"message {uid}")
        message = folder.message(uid)
        if message is None or str(ask.options.get("subject", "")) not in subject(message):
            continue
        found = _fitting(message, ask)
        if not found:
            passed.append(uid)
            continue
        told = headers(message) | ({PASSED_OVER: _words(passed)} if passed else {})
        for place, (name, part) in enumerate(found, 1):
            moved = f"{folder.validity}:{uid}" if place == len(found) else None
            body = whole(name, part, message)
            yield Part(file_name(name), [body], f"imap {told.get('Message-ID', '')}", told, moved)
        passed = []
    if passed:
        ask.progress(f"no fitting attachment in {_words(passed)}")


def _fitting(message: EmailMessage, ask: Ask) -> list[tuple[str, EmailMessage]]:
    pattern = str(ask.options["attachment"])
    return [(name, part) for name, part in attachments(message) if fnmatchcase(name, pattern)]


def _last(cursor: str | None, validity: int) -> int:
    """The last UID that was fetched; 0 where the server has numbered its messages anew."""
    known = _CURSOR.match(cursor or "")
    return int(known[2]) if known and int(known[1]) == validity else 0


def _words(uids: list[int]) -> str:
    """`3: UID 4, 5, 9`; of many only the first are named."""
    more = ", …" if len(uids) > _NAMED else ""
    return f"{len(uids)}: UID {', '.join(map(str, uids[:_NAMED]))}{more}"
