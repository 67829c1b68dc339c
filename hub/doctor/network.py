"""The broker and the mail server: whether somebody answers at their addresses."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from exchange_schemas.issue import Issue
from hub import mail
from hub.doctor.patient import Patient

SECONDS = 3.0
_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "smtp": 25, "smtps": 465}


def check_broker(patient: Patient) -> Iterator[Issue]:
    """Whether the broker can be reached; jobs are done without it too, only later."""
    url = patient.site.broker_url
    if not url:
        yield Issue("doctor_broker_none")
        return
    reason = unreachable(url)
    code = "doctor_broker_away" if reason else "doctor_broker"
    yield Issue(code, value=_place(url), params={"reason": reason})


def check_mail(_patient: Patient) -> Iterator[Issue]:
    """Whether the mail server can be reached; nothing is sent."""
    url = mail.server()
    if not url:
        yield Issue("doctor_mail_none")
        return
    reason = unreachable(url)
    code = "doctor_mail_away" if reason else "doctor_mail"
    yield Issue(code, value=_place(url), params={"reason": reason})


def unreachable(url: str) -> str:
    """Why nobody answers at an address; "" where somebody does."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        socket.create_connection((parts.hostname or "", port), SECONDS).close()
    except (OSError, ValueError) as error:
        return str(getattr(error, "strerror", None) or type(error).__name__)
    return ""


def _place(url: str) -> str:
    """Host and port, without who asks."""
    return urlsplit(url).netloc.rpartition("@")[2]
