"""The servers of the tests end with the command that they were started for, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest

from tests.services import needs
from tests.services import temporary as temporary_files
from tests.services.temporary import temporary
from tests.source_tree import ROOT

SAY_AND_WAIT = "echo $HUB_TEST_POSTGRES_URL; echo $HUB_TEST_REDIS_URL; exec sleep 60"


@pytest.fixture
def starter() -> Iterator[subprocess.Popen[str]]:
    if needs.missing():
        pytest.skip(f"apt-get install {' '.join(needs.missing())}")
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user goes through it
        with subprocess.Popen(
            [sys.executable, "-m", "tests.services", "sh", "-c", SAY_AND_WAIT],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            yield process
            with suppress(ProcessLookupError):  # a killed starter leaves its command behind
                os.killpg(process.pid, signal.SIGKILL)


def ports(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout
    said = [process.stdout.readline().strip() for _ in range(2)]
    return [urlsplit(url).port or 0 for url in said]


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def all_gone(listened: list[int], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(listens, listened)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not any(map(listens, listened))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_servers_end_with_their_starter(
    starter: subprocess.Popen[str], how: signal.Signals
) -> None:
    listened = ports(starter)
    assert all(map(listens, listened))
    starter.send_signal(how)
    assert all_gone(listened)


def test_ctrl_c_reaches_the_command_and_stops_the_servers(starter: subprocess.Popen[str]) -> None:
    listened = ports(starter)
    os.killpg(starter.pid, signal.SIGINT)
    assert starter.wait(30) == 128 + signal.SIGINT
    assert all_gone(listened, seconds=1)


def test_the_commands_exit_code_is_passed_on() -> None:
    if needs.missing():
        pytest.skip(f"apt-get install {' '.join(needs.missing())}")
    done = subprocess.run(
        [sys.executable, "-m", "tests.services", "sh", "-c", "exit 7"], cwd=ROOT, check=False
    )
    assert done.returncode == 7


def test_what_is_missing_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = needs.Need("a-package-that-is-missing", lambda: False)
    monkeypatch.setattr(needs, "NEEDS", (absent,))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(needs.NeedMissing) as caught:
        needs.install_missing()
    assert str(caught.value) == "The tests need: apt-get install a-package-that-is-missing"


@pytest.mark.parametrize("in_memory", [True, False])
def test_temporary_files_are_where_the_caller_says_and_go(
    in_memory: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with temporary(in_memory=in_memory) as told:
        folder = Path(told["TMPDIR"])
        assert folder.parent == tmp_path and Path(told["PYTHONPYCACHEPREFIX"]).parent == folder
        (folder / "left").touch()
    assert not folder.exists()


@pytest.mark.parametrize(("available", "taken"), [(20, True), (2, False)])
def test_memory_is_taken_where_there_is_room(
    available: int, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(temporary_files, "_available", lambda: available * 2**30)
    monkeypatch.setattr(temporary_files, "MEMORY", Path(tempfile.gettempdir()))
    monkeypatch.setattr(temporary_files, "ROOM", min(temporary_files.ROOM, 3 * 2**30))
    assert temporary_files.place() == (tempfile.gettempdir() if taken else None)
