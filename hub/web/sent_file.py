"""Files that the kernel sends: `sendfile(2)` from the page cache into the socket.

waitress reads a file into memory and writes it out again, which is a third of what nginx does with
the same bytes (docs/decisions/0043). Its buffers and channel have the two places where that is
decided, so nothing else of it changes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel


@dataclass(frozen=True, slots=True)
class FilePart:
    """What is still to be sent of an open file: bytes `offset` … `offset + size`."""

    descriptor: int
    offset: int
    size: int


class SentFile(ReadOnlyFileBasedBuffer):  # type: ignore[misc]  # waitress has no types
    """`wsgi.file_wrapper`: names the bytes instead of reading them. What isn't a file of the system
    is read, as before."""

    def get(self, numbytes: int = -1, skip: bool = False) -> Any:
        """The part that is left as a `FilePart`; the bytes themselves where that can't be had."""
        descriptor = _descriptor(self.file)
        if skip or descriptor is None:
            return super().get(numbytes, skip)
        return FilePart(descriptor, self.file.tell(), self.remain)

    def skip(self, numbytes: int, allow_prune: bool = False) -> None:
        """So many bytes were sent."""
        if _descriptor(self.file) is None:
            super().get(numbytes, True)
            return
        self.file.seek(numbytes, os.SEEK_CUR)
        self.remain -= numbytes


class FileChannel(HTTPChannel):  # type: ignore[misc]
    """A connection that takes a `FilePart` in place of bytes."""

    def send(self, data: Any, do_close: bool = True) -> int:
        """How much the socket took; 0: it takes nothing now. Raises OSError where a file has become
        shorter than was promised, which ends the connection: the reader sees that it was cut."""
        if not isinstance(data, FilePart):
            return int(super().send(data, do_close=do_close))
        try:
            sent = os.sendfile(self.socket.fileno(), data.descriptor, data.offset, data.size)
        except BlockingIOError:
            return 0
        except ConnectionError:
            if do_close:
                self.handle_close()
            return 0
        if not sent:
            raise OSError("the file is shorter than it was")
        return sent


def _descriptor(file: Any) -> int | None:
    try:
        return int(file.fileno())
    except (AttributeError, OSError):
        return None
