"""Files that the kernel sends: the bytes that were asked for, all of them, or a connection that is cut."""

from __future__ import annotations

import io
import os
import random
import socket
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from hub.web.sent_file import FilePart, SentFile
from tests.hub.exchange_hub import listening

SIZE = 5_000_003  # more than a socket takes at a time


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "file"
    place.write_bytes(random.Random(1).randbytes(SIZE))
    return place


def sending(path: Path) -> Any:
    """An application that sends the part of the file that `?first=&size=` names."""

    def application(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        asked = parse_qs(environ["QUERY_STRING"])
        first = int(asked.get("first", ["0"])[0])
        size = int(asked.get("size", [str(SIZE - first)])[0])
        opened: Any = path.open("rb")
        if "memory" in asked:
            opened = io.BytesIO(opened.read())
        opened.seek(first)
        start("200 OK", [("Content-Length", str(size))])
        return environ["wsgi.file_wrapper"](opened)  # type: ignore[no-any-return]

    return application


@pytest.mark.parametrize("memory", ["", "&memory=1"])
@pytest.mark.parametrize(
    ("first", "size"), [(0, SIZE), (0, 1), (SIZE - 1, 1), (1_000, 3_000_001), (SIZE, 0), (7, 0)]
)
def test_just_the_bytes_that_were_asked_for(
    path: Path, first: int, size: int, memory: str
) -> None:
    with listening(sending(path)) as url, httpx.Client(base_url=url) as client:
        for _ in range(2):  # one connection, so the second answer begins where the first ended
            found = client.get(f"/?first={first}&size={size}{memory}")
            assert found.content == path.read_bytes()[first : first + size]


def test_many_read_at_once_and_slowly(path: Path) -> None:
    with listening(sending(path)) as url:
        port = int(url.rpartition(":")[2])
        readers = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        for reader in readers:
            reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert httpx.get(url + "/?size=3").content == path.read_bytes()[:3]  # nobody is kept out
        for reader in readers:
            with reader:
                whole = b"".join(iter(partial(reader.recv, 1 << 20), b""))
            assert whole.partition(b"\r\n\r\n")[2] == path.read_bytes()


def test_who_leaves_in_the_middle_leaves_no_open_file(path: Path) -> None:
    with listening(sending(path)) as url:
        port = int(url.rpartition(":")[2])
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", port)) as reader:
                reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                reader.recv(1)
        assert httpx.get(url + "/?size=3").content == path.read_bytes()[:3]
    mine = {str(one.readlink()) for one in Path("/proc/self/fd").iterdir() if one.is_symlink()}
    assert str(path) not in mine


def test_a_file_that_became_shorter_is_seen_to_be_cut(path: Path) -> None:
    with listening(sending(path)) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as reader:
            reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            reader.recv(1)
            os.truncate(path, 1_000_000)
            left = sum(map(len, iter(lambda: reader.recv(1 << 20), b"")))
        assert left < SIZE
        assert httpx.get(url + "/?size=3").content == path.read_bytes()[:3]


def test_a_part_names_what_is_left(path: Path) -> None:
    with path.open("rb") as opened:
        file = SentFile(opened)
        assert file.prepare(10) == 10
        part = file.get(4)
        assert isinstance(part, FilePart)
        assert (part.offset, part.size) == (0, 10)
        file.skip(4)
        assert (file.get().offset, len(file)) == (4, 6)
