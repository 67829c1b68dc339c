"""Files over FTP and FTPS, from real servers: whole or not at all, and from nowhere else."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import stamina

from adapters.artefact import Store
from adapters.limits import Limits
from adapters.pull import pull
from adapters.source import Ask
from adapters.source_ftp import FtpFolder, FtpSource
from exchange_schemas.errors import (
    HubError,
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from tests.adapters.conftest import Desk
from tests.adapters.fetching import fetch
from tests.services.ftp_server import PASSWORD, Ftp, ftp_server
from tests.services.ftps_server import Ftps, ftps_server
from tests.services.server import free_port

Server = Ftp | Ftps


@pytest.fixture
def ftp() -> Iterator[Ftp]:
    with stamina.set_testing(True, attempts=3), ftp_server() as running:
        yield running


@pytest.fixture
def ftps() -> Iterator[Ftps]:
    with stamina.set_testing(True, attempts=3), ftps_server() as running:
        yield running


def lay(ftp: Server, name: str, content: bytes = b"x", changed: int = 1_700_000_000) -> None:
    (ftp.files / name).write_bytes(content)
    os.utime(ftp.files / name, (changed, changed))


def get(ftp: Server, **more: Any) -> list[tuple[str, bytes]]:
    return [(part.name, body) for part, body in fetch(FtpSource(), **ftp.options(**more))]


def refused(ftp: Server, kind: type[HubError], **more: Any) -> HubError:
    with pytest.raises(kind) as caught:
        get(ftp, **more)
    assert type(caught.value) is kind
    assert PASSWORD not in repr(caught.value.issue)
    return caught.value


@pytest.mark.parametrize("lacks", [set(), {"MLSD"}])
def test_a_pattern_takes_finished_files_in_order(ftp: Ftp, lacks: set[str]) -> None:
    ftp.lacks = lacks
    lay(ftp, "b.csv", b"bb", 1_700_000_000)
    lay(ftp, "a.csv", b"a\r\n", 1_700_000_005)
    (ftp.files / "folder.csv").mkdir()
    for name in (".hidden.csv", "c.csv.part", "d.csv.tmp", "f.txt"):
        lay(ftp, name)
    assert get(ftp) == [("b.csv", b"bb")]
    assert get(ftp, by="time") == [("a.csv", b"a\r\n")]
    assert get(ftp, take="all") == [("a.csv", b"a\r\n"), ("b.csv", b"bb")]
    ((part, _),) = fetch(FtpSource(), **ftp.options(path="/out/b.csv"))
    assert part.origin == f"ftp://127.0.0.1:{ftp.port}/out/b.csv"
    assert part.headers == {"Last-Modified": "2023-11-14T22:13:20+00:00"}


def test_new_files_since_the_cursor(ftp: Ftp) -> None:
    lay(ftp, "b.csv", b"bb")
    options = ftp.options(take="new", by="time")
    ((part, _),) = fetch(FtpSource(), **options)
    assert fetch(FtpSource(), cursor=part.cursor, **options) == []
    lay(ftp, "a.csv")  # the same second
    lay(ftp, "d.csv", changed=1_700_000_001)
    again = fetch(FtpSource(), cursor=part.cursor, **options)
    assert [part.name for part, _ in again] == ["a.csv", "d.csv"]


@pytest.mark.parametrize("lacks", [set(), {"MLSD"}])
def test_what_is_missing(ftp: Ftp, lacks: set[str]) -> None:
    ftp.lacks = lacks
    for path in ("out/*.csv", "out/a.csv", "nowhere/*.csv", "out"):
        assert refused(ftp, SourceUnavailable, path=path).issue.code == "file_missing"
    assert get(ftp, take="new") == []
    error = refused(ftp, SourceUnavailable, take="new", path="nowhere/*.csv")
    assert error.issue.code == "file_missing"


def test_the_wrong_password(ftp: Ftp, ftps: Ftps) -> None:
    for server in (ftp, ftps):  # the second one repeats it in its answer
        error = refused(server, SourceUnreadable, password="secret-words")
        assert error.issue.code == "account_refused"
        assert "secret-words" not in repr(error.issue)
        assert error.__cause__ is None


def test_nobody_listens(ftp: Ftp) -> None:
    assert refused(ftp, SourceFaltering, port=free_port()).issue.code == "source_unreachable"


def test_a_server_that_is_silent_or_hangs_up(ftp: Ftp) -> None:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as silent,
        pytest.raises(SourceFaltering) as caught,
    ):
        limits, port = Limits(request_seconds=1), silent.getsockname()[1]
        fetch(FtpSource(), limits, **ftp.options(port=port))
    assert caught.value.issue.code == "transfer_broke_off"


def test_an_address_inside_is_refused(ftp: Ftp) -> None:
    with pytest.raises(Misdeclared) as caught:
        list(FtpSource().pull(Ask(ftp.options(), Path())))
    assert caught.value.issue.code == "address_refused" and ftp.asked == []


def test_data_come_from_nowhere_else() -> None:
    with ftp_server(masquerade="10.9.8.7") as ftp:
        lay(ftp, "a.csv")
        assert get(ftp) == [("a.csv", b"x")]
        assert "PASV" in ftp.asked


@pytest.mark.parametrize("kind", ["ftp", "ftps"])
def test_a_line_that_breaks_gives_the_file_whole_or_not_at_all(
    kind: str, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(kind)
    content = os.urandom(1_000_000)
    lay(server, "a.csv", content)
    for count in (0, 1, 400_000, 999_999):
        server.sends = [count]
        assert get(server, path=server.options()["path"]) == [("a.csv", content)]
        assert server.sends == []
    server.sends = [500_000] * 3
    assert refused(server, SourceFaltering).issue.code == "transfer_broke_off"


def while_read(monkeypatch: pytest.MonkeyPatch, times: int, how: Callable[[], None]) -> None:
    """While the file is read, the department does something to it."""
    plain, left = FtpFolder.blocks, [times]

    def blocks(self: FtpFolder, name: str, size: int) -> Iterator[bytes]:
        if left[0]:
            left[0] -= 1
            how()
        yield from plain(self, name, size)

    monkeypatch.setattr(FtpFolder, "blocks", blocks)


def append(ftp: Ftp) -> None:
    with (ftp.files / "a.csv").open("ab") as file:
        file.write(b"more")


def test_a_file_that_grows_is_read_anew(ftp: Ftp, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(ftp, "a.csv", b"first")
    while_read(monkeypatch, 1, lambda: append(ftp))
    assert get(ftp) == [("a.csv", b"firstmore")]


def test_a_file_of_the_same_size_is_read_anew(ftp: Ftp, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(ftp, "a.csv", b"first")
    while_read(monkeypatch, 1, lambda: lay(ftp, "a.csv", b"other", 1_700_000_001))
    assert get(ftp) == [("a.csv", b"other")]
    assert ftp.asked.count("RETR a.csv") == 2


def test_a_file_that_doesnt_stop_growing(ftp: Ftp, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(ftp, "a.csv", b"first")
    while_read(monkeypatch, 99, lambda: append(ftp))
    assert refused(ftp, SourceFaltering).issue.code == "file_changing"


@pytest.mark.parametrize("command", ["SIZE", "MDTM"])
def test_a_server_that_cant_tell_whether_a_file_is_whole(ftp: Ftp, command: str) -> None:
    lay(ftp, "a.csv")
    ftp.lacks = {command}
    error = refused(ftp, SourceUnreadable)
    assert error.issue.code == "ftp_command_missing"
    assert error.issue.params == {"command": command}


def test_other_refusals(ftp: Ftp) -> None:
    lay(ftp, "a.csv")
    ftp.lacks = {"RETR"}
    assert refused(ftp, SourceUnreadable).issue.code == "ftp_refused"
    ftp.busy = {"RETR"}
    assert refused(ftp, SourceFaltering).issue.code == "ftp_busy"


def test_a_file_that_is_too_large(ftp: Ftp) -> None:
    lay(ftp, "a.csv", bytes(2 << 20))
    with pytest.raises(SourceUnreadable) as caught:
        fetch(FtpSource(), Limits(bytes=1 << 20), **ftp.options())
    assert caught.value.issue.code == "delivery_too_large"


def test_names_in_gbk() -> None:
    with ftp_server(encoding="gb18030") as ftp:
        lay(ftp, "处罚 决定.csv")
        for lacks in (set(), {"MLSD"}):
            ftp.lacks = lacks
            assert get(ftp, encoding="gb18030") == [("处罚 决定.csv", b"x")]
            assert refused(ftp, Misdeclared).issue.code == "file_names_unreadable"
        path = "out/处罚*.csv"
        assert get(ftp, encoding="gb18030", path=path) == [("处罚 决定.csv", b"x")]


def test_tls_for_commands_and_data_in_one_session(ftps: Ftps) -> None:
    lay(ftps, "a.csv", b"a")
    lay(ftps, "b.csv", b"bb")
    assert get(ftps, take="all") == [("a.csv", b"a"), ("b.csv", b"bb")]
    assert ftps.reused == [True, True, True]


def test_no_password_goes_without_the_tls_that_was_asked_for(ftp: Ftp) -> None:
    assert refused(ftp, SourceUnreadable, tls=True).issue.code == "ftp_refused"
    assert [line.partition(" ")[0] for line in ftp.asked] == ["AUTH"]


def test_certificates_that_arent_to_be_trusted(ftps: Ftps, tmp_path: Path) -> None:
    error = refused(ftps, SourceUnreadable, certificate=None)
    assert error.issue.code == "certificate_refused"
    with ftps_server("DNS:elsewhere.example") as other:
        assert refused(other, SourceUnreadable).issue.code == "certificate_refused"
    (tmp_path / "a.pem").write_text("no certificate")
    for path in (tmp_path / "a.pem", tmp_path / "missing.pem"):
        error = refused(ftps, Misdeclared, certificate=str(path))
        assert error.issue.code == "certificate_unfit"


def test_a_declared_feed(ftp: Ftp, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_INTERNAL_FEEDS", "test_feed")
    monkeypatch.setenv("FTP_PASSWORD", PASSWORD)
    lay(ftp, "a.csv", b"a,b\n1,2\n")
    told = {"kind": "ftp", **ftp.options(password="${FTP_PASSWORD}", take="all")}
    delivered = pull(desk.declare(source=told), Store(desk.folder / "raw"))
    assert delivered.artefact.path.read_bytes() == b"a,b\n1,2\n"
    assert delivered.cursor is None
