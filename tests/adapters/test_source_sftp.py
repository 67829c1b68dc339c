"""Files over SFTP, from a real sshd: whole or not at all, and only from the server that is meant."""

from __future__ import annotations

import errno
import hashlib
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from adapters.artefact import Store
from adapters.limits import Limits
from adapters.pull import pull
from adapters.source import Ask
from adapters.source_sftp import SftpFolder, SftpSource
from adapters.ssh_connection import read_host_key, telling_ssh
from exchange_schemas.errors import (
    HubError,
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from tests.adapters.conftest import Desk
from tests.adapters.fetching import fetch
from tests.services.cutting_proxy import cutting_proxy
from tests.services.password_server import HOST_KEY, password_server
from tests.services.server import free_port
from tests.services.sftp_server import Sftp, make_key, sftp_server


@pytest.fixture(scope="module")
def running() -> Iterator[Sftp]:
    with sftp_server() as server:
        yield server


@pytest.fixture
def sftp(running: Sftp) -> Iterator[Sftp]:
    for path in running.files.iterdir():
        path.unlink()
    with stamina.set_testing(True, attempts=3):
        yield running


def lay(sftp: Sftp, name: str, content: bytes = b"x", changed: int = 1_700_000_000) -> None:
    (sftp.files / name).write_bytes(content)
    os.utime(sftp.files / name, (changed, changed))


def get(sftp: Sftp, **more: Any) -> list[tuple[str, bytes]]:
    return [(part.name, body) for part, body in fetch(SftpSource(), **sftp.options(**more))]


def refused(sftp: Sftp, kind: type[HubError], **more: Any) -> HubError:
    with pytest.raises(kind) as caught:
        get(sftp, **more)
    assert type(caught.value) is kind
    return caught.value


def test_a_pattern_takes_finished_files_in_order(sftp: Sftp) -> None:
    lay(sftp, "b.csv", b"bb", 1_700_000_000)
    lay(sftp, "a.csv", b"a", 1_700_000_005)
    for name in (".hidden.csv", "c.csv.part", "d.csv.tmp", "e.csv.filepart", "f.txt"):
        lay(sftp, name)
    everything = f"{sftp.files}/*"
    assert get(sftp) == [("b.csv", b"bb")]
    assert get(sftp, by="time") == [("a.csv", b"a")]
    assert get(sftp, take="all") == [("a.csv", b"a"), ("b.csv", b"bb")]
    names = [name for name, _ in get(sftp, take="all", path=everything)]
    assert names == ["a.csv", "b.csv", "f.txt"]
    ((part, _),) = fetch(SftpSource(), **sftp.options(path=f"{sftp.files}/b.csv"))
    assert part.origin == f"sftp://127.0.0.1:{sftp.port}{sftp.files}/b.csv"
    assert part.headers == {"Last-Modified": "2023-11-14T22:13:20+00:00"}


def test_new_files_since_the_cursor(sftp: Sftp) -> None:
    lay(sftp, "b.csv", b"bb")
    lay(sftp, "c.csv", b"c")
    options = sftp.options(take="new", by="time")
    first = fetch(SftpSource(), **options)
    assert [part.name for part, _ in first] == ["b.csv", "c.csv"]
    cursor = first[-1][0].cursor
    assert fetch(SftpSource(), cursor=cursor, **options) == []
    lay(sftp, "a.csv")  # the same second
    lay(sftp, "d.csv", changed=1_700_000_001)
    again = fetch(SftpSource(), cursor=cursor, **options)
    assert [part.name for part, _ in again] == ["a.csv", "d.csv"]


def test_links_count_as_what_they_point_to(sftp: Sftp, tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"far")
    (sftp.files / "a.csv").symlink_to(tmp_path / "real")
    (sftp.files / "b.csv").symlink_to(tmp_path)
    (sftp.files / "c.csv").symlink_to(tmp_path / "nothing")
    assert get(sftp, take="all") == [("a.csv", b"far")]


def test_what_is_missing(sftp: Sftp) -> None:
    for path in (f"{sftp.files}/*.csv", f"{sftp.files}/a.csv", "/nowhere/*.csv", str(sftp.files)):
        assert refused(sftp, SourceUnavailable, path=path).issue.code == "file_missing"
    assert get(sftp, take="new") == []
    error = refused(sftp, SourceUnavailable, take="new", path="/nowhere/*.csv")
    assert error.issue.code == "file_missing"


def test_the_wrong_key(sftp: Sftp, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other")
    error = refused(sftp, SourceUnreadable, key=other)
    assert error.issue.code == "account_refused"
    assert error.issue.params == {"user": sftp.user}
    assert other.splitlines()[2] not in repr(error.issue)


def test_the_wrong_password(sftp: Sftp) -> None:
    options = {k: v for k, v in sftp.options(password="geheim-4711").items() if k != "key"}
    with pytest.raises(SourceUnreadable) as caught:
        fetch(SftpSource(), **options)
    assert caught.value.issue.code == "account_refused"
    assert "geheim" not in repr(caught.value.issue)


def test_the_right_password() -> None:
    with password_server("reader", "geheim-4711") as port, stamina.set_testing(True, attempts=1):
        told = {"host": "127.0.0.1", "port": port, "user": "reader", "take": "new"}
        told |= {"path": "*.csv", "host_key": HOST_KEY}
        assert fetch(SftpSource(), password="geheim-4711", **told) == []
        with pytest.raises(SourceUnreadable) as caught:
            fetch(SftpSource(), password="geheim-4712", **told)
    assert caught.value.issue.code == "account_refused"


def test_a_server_that_wants_a_second_proof(sftp: Sftp) -> None:
    with sftp_server("AuthenticationMethods publickey,password") as strict:
        error = refused(strict, SourceUnreadable)
    assert error.issue.code == "account_refused"


def test_keys_that_cant_be_read(sftp: Sftp, tmp_path: Path) -> None:
    locked = make_key(tmp_path / "locked", passphrase="secret-words")
    for key, reason in ((locked, "passphrase"), ("no key at all", "none of")):
        error = refused(sftp, Misdeclared, key=key)
        assert error.issue.code == "private_key_unfit" and reason in error.issue.params["reason"]
        assert key.split()[-1] not in str(error)


def test_a_key_on_one_line(sftp: Sftp) -> None:
    lay(sftp, "a.csv")
    assert get(sftp, key=sftp.key.replace("\n", "\\n")) == [("a.csv", b"x")]


def test_a_key_in_a_file(sftp: Sftp, tmp_path: Path) -> None:
    lay(sftp, "a.csv")
    path = tmp_path / "login"
    path.write_text(sftp.key)
    assert get(sftp, key=str(path)) == [("a.csv", b"x")]
    error = refused(sftp, Misdeclared, key=str(tmp_path / "none"))
    assert error.issue.code == "private_key_unfit" and error.__suppress_context__
    assert str(tmp_path) not in repr(error.issue)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_the_host_key_as_a_line(sftp: Sftp, kind: str) -> None:
    lay(sftp, "a.csv")
    assert get(sftp, host_key=sftp.host_keys[kind]) == [("a.csv", b"x")]
    assert get(sftp, host_key=f"example.gov.cn {sftp.host_keys[kind]}") == [("a.csv", b"x")]


def test_the_host_key_as_a_fingerprint(sftp: Sftp) -> None:
    lay(sftp, "a.csv")
    digest = hashlib.sha256(b64decode(sftp.host_keys["ed25519"].split()[1])).digest()
    shown = "SHA256:" + b64encode(digest).decode().rstrip("=")
    assert get(sftp, host_key=shown) == [("a.csv", b"x")]


def test_another_host_key_is_refused_before_anything_is_sent(
    sftp: Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.ssh_connection._log_in", lambda *_: pytest.fail("logged in"))
    make_key(tmp_path / "other")
    for told in ((tmp_path / "other.pub").read_text(), "SHA256:" + "A" * 43):
        error = refused(sftp, SourceUnreadable, host_key=told)
        assert error.issue.code == "host_key_differs"
        assert error.issue.params["found"].startswith("ssh-ed25519 SHA256:")
    make_key(tmp_path / "third", "ecdsa")
    error = refused(sftp, SourceUnreadable, host_key=(tmp_path / "third.pub").read_text())
    assert error.issue.code == "host_key_differs"


@pytest.mark.parametrize("text", ["", "SHA256:short", "ssh-ed25519", "ssh-ed25519 A", "MD5:00"])
def test_host_keys_that_cant_be_read(text: str) -> None:
    with pytest.raises(Misdeclared) as caught:
        read_host_key(text)
    assert caught.value.issue.code == "host_key_unfit"


def test_nobody_listens(sftp: Sftp) -> None:
    error = refused(sftp, SourceFaltering, port=free_port())
    assert error.issue.code == "source_unreachable"


def test_an_address_inside_is_refused(sftp: Sftp) -> None:
    with pytest.raises(Misdeclared) as caught:
        list(SftpSource().pull(Ask(sftp.options(), Path())))
    assert caught.value.issue.code == "address_refused"


def test_a_line_that_breaks_gives_the_file_whole_or_not_at_all(sftp: Sftp) -> None:
    content = os.urandom(3_000_000)
    lay(sftp, "a.csv", content)
    with cutting_proxy(sftp.port) as line:
        for left in (0, 30, 1_500, 4_000, 700_000, 2_900_000):
            line.left = left
            assert get(sftp, port=line.port) == [("a.csv", content)]
        assert line.cuts == 6 and line.connections == 12
        line.left, line.again = 700_000, True
        error = refused(sftp, SourceFaltering, port=line.port)
    assert error.issue.code == "transfer_broke_off"


def test_one_login_for_all_files(sftp: Sftp) -> None:
    for number in range(5):
        lay(sftp, f"{number}.csv")
    with cutting_proxy(sftp.port) as line:
        assert len(get(sftp, port=line.port, take="all")) == 5
        assert line.connections == 1


def while_read(monkeypatch: pytest.MonkeyPatch, times: int, how: Callable[[], None]) -> None:
    """While the file is read, the department does something to it."""
    plain, left = SftpFolder.blocks, [times]

    def blocks(self: SftpFolder, name: str, size: int) -> Iterator[bytes]:
        for block in plain(self, name, size):
            if left[0]:
                left[0] -= 1
                how()
            yield block

    monkeypatch.setattr(SftpFolder, "blocks", blocks)


def append(sftp: Sftp) -> None:
    with (sftp.files / "a.csv").open("ab") as file:
        file.write(b"more")


def test_a_file_that_grows_is_read_anew(sftp: Sftp, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(sftp, "a.csv", b"first")
    while_read(monkeypatch, 1, lambda: append(sftp))
    assert get(sftp) == [("a.csv", b"firstmore")]


@pytest.mark.parametrize("content", [b"other", b"x" * 100, b""])
def test_a_file_that_is_written_over_is_read_anew(
    sftp: Sftp, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    lay(sftp, "a.csv", b"first")
    while_read(monkeypatch, 1, lambda: lay(sftp, "a.csv", content, 1_700_000_100))
    assert get(sftp) == [("a.csv", content)]


def test_a_file_that_doesnt_stop_growing(sftp: Sftp, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(sftp, "a.csv", b"first")
    while_read(monkeypatch, 99, lambda: append(sftp))
    assert refused(sftp, SourceFaltering).issue.code == "file_changing"


def test_limits(sftp: Sftp) -> None:
    lay(sftp, "a.csv", bytes(2 << 20))
    for limits, code in ((Limits(bytes=1 << 20), "delivery_too_large"),
                         (Limits(seconds=-1), "files_slow")):  # fmt: skip
        with pytest.raises(HubError) as caught:
            fetch(SftpSource(), limits, **sftp.options())
        assert caught.value.issue.code == code


@pytest.mark.parametrize(
    ("raised", "kind", "code"),
    [
        (PermissionError(errno.EACCES, "denied"), SourceUnreadable, "file_refused"),
        (OSError("Failure"), SourceFaltering, "transfer_broke_off"),
        (EOFError(), SourceFaltering, "transfer_broke_off"),
    ],
)
def test_what_a_server_may_say(raised: Exception, kind: type[HubError], code: str) -> None:
    with pytest.raises(kind) as caught, telling_ssh("sftp://host/a.csv"):
        raise raised
    assert caught.value.issue.code == code and "host/a.csv" in str(caught.value)


def test_names_in_gbk(sftp: Sftp) -> None:
    (sftp.files / os.fsdecode("处罚.csv".encode("gb18030"))).write_bytes(b"x")
    assert get(sftp, encoding="gb18030") == [("处罚.csv", b"x")]
    assert get(sftp, encoding="gbk", path=f"{sftp.files}/处罚.csv") == [("处罚.csv", b"x")]
    assert refused(sftp, Misdeclared).issue.code == "file_names_unreadable"
    error = refused(sftp, Misdeclared, encoding="klingon")
    assert error.issue.code == "file_encoding_unknown"


def test_names_in_utf8(sftp: Sftp) -> None:
    lay(sftp, "处罚 [1].csv", b"x")
    assert get(sftp) == [("处罚 [1].csv", b"x")]
    assert get(sftp, path=f"{sftp.files}/处罚*.csv") == [("处罚 [1].csv", b"x")]


def test_a_server_without_a_common_algorithm(sftp: Sftp) -> None:
    with sftp_server("MACs umac-128@openssh.com", "Ciphers aes256-ctr") as old:
        error = refused(old, SourceUnreadable)
    assert error.issue.code == "ssh_unfit"


def test_a_declared_feed(sftp: Sftp, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_INTERNAL_FEEDS", "test_feed")
    monkeypatch.setenv("SFTP_KEY", sftp.key)
    lay(sftp, "a.csv", b"a,b\n1,2\n")
    told = {"kind": "sftp", **sftp.options(key="${SFTP_KEY}", take="new", by="time")}
    delivered = pull(desk.declare(source=told), Store(desk.folder / "raw"))
    assert delivered.artefact.path.read_bytes() == b"a,b\n1,2\n"
    assert delivered.cursor and delivered.parts[0].name == "a.csv"


@pytest.mark.parametrize(
    "wrong",
    [{"host_key": None}, {"path": "/out/*/a.csv"}, {"path": "/out/"}, {"key": "-----BEGIN"},
     {"password": "${P}"}],
)  # fmt: skip
def test_declarations_that_are_refused(sftp: Sftp, desk: Desk, wrong: dict[str, Any]) -> None:
    told = {"kind": "sftp", **sftp.options(key="${SFTP_KEY}"), **wrong}
    told = {name: value for name, value in told.items() if value is not None}
    with pytest.raises(Misdeclared) as caught:
        desk.declare(source=told)
    assert caught.value.issue.code == "feed_invalid"
