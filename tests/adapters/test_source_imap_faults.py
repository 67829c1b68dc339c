"""A mail server that breaks off, isn't to be trusted, or has messages that aren't what they should be."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import stamina

from adapters import imap_connection
from adapters.limits import Limits
from adapters.source import Ask
from adapters.source_imap import PASSED_OVER, ImapSource
from exchange_schemas.errors import (
    HubError,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from tests.adapters.fetching import fetch
from tests.services.cutting_proxy import cutting_proxy
from tests.services.ftps_server import make_certificate
from tests.services.imap_server import PASSWORD, USER, Mailbox, deliver, imap_server


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), "IP:127.0.0.1")


@pytest.fixture(scope="module")
def running(pair: tuple[Path, Path]) -> Iterator[Mailbox]:
    with imap_server(pair) as server:
        yield server


@pytest.fixture
def box(running: Mailbox) -> Iterator[Mailbox]:
    running.mail.clear()
    with stamina.set_testing(True, attempts=3):
        yield running


def send(box: Mailbox, *files: tuple[str, bytes], subject: str = "处罚") -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message["Date"] = "ke@bureau.cn", subject, "1 May 2024"
    message.set_content("附件见内")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    deliver(box, message.as_bytes())
    return message.as_bytes()


def told(box: Mailbox, **more: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": box.port, "user": USER, "password": PASSWORD,
            "tls": "none", "attachment": "*.csv"} | more  # fmt: skip


def refused(box: Mailbox, kind: type[HubError], limits: Limits | None = None, **more: Any) -> str:
    with pytest.raises(kind) as caught:
        fetch(ImapSource(), limits, **told(box, **more))
    assert type(caught.value) is kind
    assert PASSWORD not in repr(caught.value.issue)
    return caught.value.issue.code


def test_a_line_that_breaks_gives_every_file_whole_or_none(box: Mailbox) -> None:
    send(box, ("1.csv", b"a" * 200_000))
    send(box, ("2.csv", b"b" * 200_000))
    with cutting_proxy(box.port) as line:
        for left in (0, 20, 600, 1_500, 100_000, 270_000, 400_000):
            line.left = left
            found = fetch(ImapSource(), **told(box, port=line.port))
            assert [body for _, body in found] == [b"a" * 200_000, b"b" * 200_000]
        assert line.cuts == 7
        line.left, line.again = 100_000, True
        assert refused(box, SourceFaltering, port=line.port) == "source_unreachable"
        assert line.connections == 7 * 2 + 3


def test_a_wrong_password_is_tried_once(box: Mailbox) -> None:
    with cutting_proxy(box.port) as line:
        code = refused(box, SourceUnreadable, port=line.port, password="falsch")
        assert (code, line.connections) == ("account_refused", 1)


def test_messages_without_a_fitting_attachment_are_told_once(box: Mailbox) -> None:
    for name in ("1.docx", "2.docx"):
        send(box, (name, b"x"))
    send(box, ("other.docx", b"x"), subject="别的")
    assert fetch(ImapSource(), **told(box, subject="处罚")) == []
    send(box, ("3.csv", b"c"))
    send(box, ("4.csv", b"d"))
    found = [part for part, _ in fetch(ImapSource(), **told(box, subject="处罚"))]
    uids = [int(str(part.cursor).rpartition(":")[2]) for part in found]
    first = uids[0] - 3
    assert found[0].headers[PASSED_OVER] == f"2: UID {first}, {first + 1}"
    assert PASSED_OVER not in found[1].headers
    assert fetch(ImapSource(), cursor=found[1].cursor, **told(box, subject="处罚")) == []


def test_encryption_from_the_beginning_and_after_asking(
    box: Mailbox, pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(box, ("1.csv", b"a"))
    ways = ({"tls": "implicit", "port": box.secure_port}, {"tls": "starttls"})
    for way in ways:
        assert refused(box, SourceUnreadable, **way) == "http_certificate"
    monkeypatch.setenv("SSL_CERT_FILE", str(pair[0]))
    for way in ways:
        assert [body for _, body in fetch(ImapSource(), **told(box, **way))] == [b"a"]


def test_an_attachment_that_was_cut_before_it_was_sent(box: Mailbox) -> None:
    whole = send(box, ("1.csv", b"a" * 3_000))
    for end in (len(whole) - 40, len(whole) // 2, whole.index(b"YWFh") + 78 * 5):
        box.mail.clear()
        deliver(box, whole[:end])
        assert refused(box, SourceUnreadable) == "attachment_damaged"


def test_a_message_that_is_deleted_meanwhile(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(box, ("1.csv", b"a"))
    monkeypatch.setattr("adapters.imap_connection._search", lambda *_: [4_000_000_000])
    assert fetch(ImapSource(), **told(box)) == []


def test_a_server_that_sends_more_than_it_said(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(box, ("1.csv", b"a" * 5_000))
    monkeypatch.setattr("adapters.imap_connection._bytes", lambda _: [b"RFC822.SIZE 10"])
    assert refused(box, SourceUnreadable, Limits(bytes=1_000)) == "delivery_too_large"


def test_messages_that_are_numbered_anew_while_they_are_read(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(box, ("1.csv", b"a"))
    numbers, breaks, plain = iter(range(1, 99)), [1], imap_connection._fetch

    def select(client: imaplib.IMAP4, ask: Ask) -> int:
        imap_select(client, ask)
        return next(numbers)

    def fetch_later(client: imaplib.IMAP4, uid: int, ask: Ask) -> EmailMessage | None:
        if breaks:
            raise imaplib.IMAP4.abort(breaks.pop())
        return plain(client, uid, ask)

    imap_select = imap_connection._select
    monkeypatch.setattr(imap_connection, "_fetch", fetch_later)
    assert len(fetch(ImapSource(), **told(box))) == 1  # numbered as before, it goes on
    breaks.append(1)
    monkeypatch.setattr(imap_connection, "_select", select)
    assert refused(box, SourceFaltering) == "source_unreachable"


def test_a_pull_that_takes_too_long(box: Mailbox) -> None:
    send(box, ("1.csv", b"a"))
    assert refused(box, SourceUnavailable, Limits(seconds=0)) == "source_slow"
