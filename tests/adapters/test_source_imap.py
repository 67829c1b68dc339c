"""Attachments of e-mails, from a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from adapters.imap_connection import utf7
from adapters.limits import Limits
from adapters.mail_message import decoded
from adapters.source_imap import ImapSource
from exchange_schemas.errors import (
    HubError,
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from tests.adapters.fetching import fetch
from tests.services.imap_server import PASSWORD, USER, Mailbox, deliver, imap_server
from tests.services.server import free_port


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with stamina.set_testing(True, attempts=2), imap_server() as running:
        yield running


def send(
    box: Mailbox, subject: str, *files: tuple[str, bytes], sender: str = "ke@bureau.cn"
) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, USER, subject
    message["Message-ID"] = f"<{abs(hash(subject))}@bureau.cn>"
    message.set_content("附件见内")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    deliver(box, message.as_bytes())


def get(
    box: Mailbox, cursor: str | None = None, **told: Any
) -> list[tuple[str, bytes, str | None]]:
    plain = {"host": "127.0.0.1", "port": box.port, "user": USER, "password": PASSWORD,
             "tls": "none", "attachment": "*.csv"}  # fmt: skip
    found = fetch(ImapSource(), cursor=cursor, **{**plain, **told})
    return [(part.name, body, part.cursor) for part, body in found]


def test_attachments_and_only_the_new_ones(box: Mailbox) -> None:
    assert get(box) == []
    send(box, "处罚 一", ("处罚信息.csv", b"a\n1\n"), ("说明.docx", b"x"))
    send(box, "无关")
    send(box, "处罚 二", ("1.csv", b"b"), ("2.csv", b"c"))
    found = get(box)
    assert [(name, body) for name, body, _ in found] == [
        ("处罚信息.csv", b"a\n1\n"),
        ("1.csv", b"b"),
        ("2.csv", b"c"),
    ]
    assert found[1][2] is None  # the message isn't done before its last attachment
    last = found[-1][2]
    assert get(box, last) == []
    send(box, "处罚 三", ("3.csv", b"d"))
    assert [name for name, _, _ in get(box, last)] == ["3.csv"]


def test_which_messages(box: Mailbox) -> None:
    send(box, "处罚", ("1.csv", b"a"))
    send(box, "许可", ("2.csv", b"b"), sender="other@bureau.cn")
    assert [name for name, _, _ in get(box, subject="许可")] == ["2.csv"]
    assert [name for name, _, _ in get(box, **{"from": "ke@bureau.cn"})] == ["1.csv"]


def test_nothing_is_marked(box: Mailbox) -> None:
    send(box, "处罚", ("1.csv", b"a"))
    get(box)
    (message,) = list(box.mail)
    assert "S" not in message.get_flags()


def test_messages_numbered_anew_begin_again(box: Mailbox) -> None:
    send(box, "处罚", ("1.csv", b"a"))
    assert [name for name, _, _ in get(box, "1:999")] == ["1.csv"]


def raw_message(name: bytes) -> bytes:
    """As mail programs wrote it that knew of no MIME headers: GBK bytes where only ASCII may stand."""
    return (
        b"From: ke@bureau.cn\r\nSubject: " + "处罚".encode("gbk") + b"\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/csv\r\n'
        b'Content-Disposition: attachment; filename="' + name + b'"\r\n\r\na,b\r\n--x--\r\n'
    )


def test_names_in_raw_bytes_come_through_the_server(box: Mailbox) -> None:
    deliver(box, raw_message("处罚1.csv".encode("gbk")))
    assert [name for name, _, _ in get(box, attachment="处罚*", subject="处罚")] == ["处罚1.csv"]


def test_a_sender_in_chinese_and_a_password_in_chinese(box: Mailbox) -> None:
    send(box, "处罚", ("1.csv", b"a"), sender="张三 <zhang@bureau.cn>")
    assert [name for name, _, _ in get(box, **{"from": "张三"})] == ["1.csv"]
    assert get(box, **{"from": "李四"}) == []
    assert refusal(box, password="密码").issue.code == "account_refused"


def test_no_password_without_the_encryption_that_was_asked_for(box: Mailbox) -> None:
    assert refusal(box, tls="starttls").issue.code == "mail_no_tls"


def refusal(box: Mailbox, **told: Any) -> HubError:
    with pytest.raises(HubError) as caught:
        get(box, **told)
    message = caught.value.issue.message("en")
    assert "geheim" not in message and "falsch" not in message
    return caught.value


def test_what_goes_wrong(box: Mailbox) -> None:
    wrong = refusal(box, password="falsch-geheim")
    assert isinstance(wrong, SourceUnreadable) and wrong.issue.code == "account_refused"
    assert isinstance(refusal(box, folder="没有"), SourceUnavailable)
    assert isinstance(refusal(box, port=free_port()), SourceFaltering)
    send(box, "处罚", ("1.csv", b"a" * 5000))
    told = {"host": "127.0.0.1", "port": box.port, "user": USER, "password": PASSWORD,
            "tls": "none", "attachment": "*"}  # fmt: skip
    with pytest.raises(SourceUnreadable) as caught:
        fetch(ImapSource(), Limits(bytes=1000), **told)
    assert caught.value.issue.code == "delivery_too_large"


def test_without_encryption_only_inside() -> None:
    from pathlib import Path

    from adapters.source import Ask

    told = {"host": "mail.example", "user": "u", "password": "p", "tls": "none", "attachment": "*"}
    with pytest.raises(Misdeclared) as caught:
        list(ImapSource().pull(Ask(told, Path())))
    assert caught.value.issue.code == "mail_unencrypted"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("=?utf-8?B?5aSE572aLmNzdg==?=", "处罚.csv"),
        ("=?gb2312?B?tKa3oy5jc3Y=?=", "处罚.csv"),
        ("处罚.csv".encode("gb18030").decode("utf-8", "surrogateescape"), "处罚.csv"),
        ("plain.csv", "plain.csv"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert decoded(text) == name


@given(st.text(max_size=20))
def test_any_name_can_be_read(text: str) -> None:
    assert isinstance(decoded(text), str)


def test_folders_in_chinese() -> None:
    assert utf7("报送") == "&YqWQAQ-"
    assert utf7("INBOX/A&B") == "INBOX/A&-B"
    assert utf7("已检举") == "&XfJowE4+-"
