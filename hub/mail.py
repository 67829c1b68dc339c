"""Mail through the site's server: where it is, whose name mail carries, and how one letter goes out."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

SMTP = "HUB_SMTP_URL"  # smtp://user:password@host:25, smtps://…; none: nothing is mailed
FROM = "HUB_MAIL_FROM"
SECONDS = 20  # that a mail server may take


def server() -> str | None:
    """The mail server's address; None: nothing is mailed."""
    return os.environ.get(SMTP) or None


def sender() -> str:
    """The address that mail comes from."""
    return os.environ.get(FROM, "exchange-hub@localhost")


def send(address: str, message: EmailMessage) -> None:
    """Hand one letter to the mail server; raises OSError and smtplib.SMTPException.

    A password goes over TLS wherever the server offers that.
    """
    told = urlsplit(os.environ.get(SMTP, ""))
    kind = smtplib.SMTP_SSL if told.scheme == "smtps" else smtplib.SMTP
    with kind(told.hostname or "", told.port or 0, timeout=SECONDS) as client:
        if told.username:
            client.ehlo_or_helo_if_needed()
            if told.scheme != "smtps" and client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context())
            client.login(unquote(told.username), unquote(told.password or ""))
        client.send_message(message, to_addrs=[address])
