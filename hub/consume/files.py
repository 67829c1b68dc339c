"""The hub's immutable files: downloaded with resume, checked by their SHA-256, unpacked."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import httpx
import numpy as np
import pyarrow as pa

from exchange_schemas.errors import SourceUnavailable
from hub.consume import asking
from hub.consume.asking import Hub, may_pass, reason_of, refused

BLOCK = 1 << 20
UNFINISHED = ".download"


@dataclass(frozen=True, slots=True)
class File:
    """A file of zstd at `path` of the exchange, with its `size` and `sha256` (hex)."""

    path: str
    size: int
    sha256: str


def fetch_file(hub: Hub, file: File, folder: Path) -> bytes:
    """The file's content, packed as it is.

    What was downloaded lies in `folder` until it is whole, so that an interrupted download goes on.
    Raises ValueError where it isn't what `file` says, SourceUnavailable, Refused (hub_refused).
    """
    place = folder / f".{PurePosixPath(file.path).name}{UNFINISHED}"
    _download(hub, file, place)
    packed = place.read_bytes()
    place.unlink()  # whether it is right or to be fetched anew
    if hashlib.sha256(packed).hexdigest() != file.sha256:
        raise ValueError("SHA-256")
    return packed


def drop_unfinished(folder: Path) -> None:
    """Take away what was downloaded in part: it has content that is to be erased, perhaps."""
    for place in folder.glob(f".*{UNFINISHED}"):
        place.unlink()


def unpacked(packed: bytes, lines: int) -> Iterator[bytes]:
    """zstd undone, so many lines at a time; raises ValueError."""
    held, count = list[bytes](), 0
    try:
        with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
            while block := stream.read(BLOCK):
                while count + block.count(b"\n") >= lines:
                    end = _end_of(block, lines - count)
                    yield b"".join([*held, block[:end]])
                    block, held, count = block[end:], [], 0
                held.append(block)
                count += block.count(b"\n")
    except (OSError, pa.ArrowInvalid) as error:
        raise ValueError(str(error)) from error
    if rest := b"".join(held):
        yield rest


def _end_of(block: bytes, line: int) -> int:
    """Where the line of that number ends."""
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
    return int(ends[line - 1]) + 1


def unpack(packed: bytes) -> bytes:
    """zstd undone; raises ValueError."""
    try:
        with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
            return bytes(stream.read())
    except (OSError, pa.ArrowInvalid) as error:
        raise ValueError(str(error)) from error


def _download(hub: Hub, file: File, place: Path) -> None:
    """The file whole at `place`; goes on where it was cut off. Raises as `Hub.get`."""
    reason = ""
    for wait in (*asking.WAITS, None):
        try:
            _go_on(hub, file, place)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
        except SourceUnavailable as error:
            reason = error.issue.params["reason"]
        else:
            return
        if wait is not None:
            time.sleep(wait)
    raise hub.unreachable(reason)


def _go_on(hub: Hub, file: File, place: Path) -> None:
    have = place.stat().st_size if place.exists() else 0
    if have == file.size:
        return
    headers = {"Accept-Encoding": "identity"}
    if 0 < have < file.size:
        headers["Range"] = f"bytes={have}-"
    with hub.client.stream("GET", file.path, headers=headers) as response:
        if not response.is_success:
            response.read()
            if not may_pass(response.status_code):
                place.unlink(missing_ok=True)  # an erasure may have taken the file away
                raise refused(response, reason_of(response))
            raise hub.unreachable(f"{response.status_code} {reason_of(response)}")
        partial = response.status_code == httpx.codes.PARTIAL_CONTENT
        with place.open("ab" if partial else "wb") as part:
            for block in response.iter_bytes(BLOCK):
                part.write(block)
    if place.stat().st_size < file.size:
        raise httpx.ReadError("the download was cut short")
