"""Source: files on a server that speaks SFTP."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import paramiko

from adapters.remote_files import (
    FILES_OPTIONS,
    Entry,
    address,
    encoding_of,
    pull_files,
    split,
)
from adapters.sftp_client import SftpClient, read_ahead
from adapters.source import SECRET, Ask, Part
from adapters.ssh_connection import open_transport, telling_ssh
from exchange_schemas.errors import SourceUnavailable
from exchange_schemas.issue import Issue

PORT = 22


class SftpSource:
    """`host_key` is the server's public key as the department gave it: without it anybody between
    the two could hand in a delivery."""

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["host", "user", "host_key", "path"],
        "oneOf": [{"required": ["password"]}, {"required": ["key"]}],
        "properties": {
            **FILES_OPTIONS,
            "password": SECRET,
            "key": SECRET,
            "host_key": {"type": "string", "minLength": 1},
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The files; raises as `pull_files`, `open_transport` and `telling_ssh`."""
        host, port = address(ask, PORT)
        yield from pull_files(ask, "sftp", f"{host}:{port}", lambda: connect(ask, host, port))


def connect(ask: Ask, host: str, port: int) -> SftpFolder:
    """A connection to the folder of the feed's `path`; raises as `open_transport`."""
    encoding, seconds = encoding_of(ask), float(ask.limits.request_seconds)
    transport = open_transport(ask, host, port)
    place = f"sftp://{host}:{port}"
    try:
        with telling_ssh(place, encoding):
            channel = transport.open_session(timeout=seconds)
            channel.settimeout(seconds)
            channel.invoke_subsystem("sftp")
            client = SftpClient(channel, encoding)
    except BaseException:
        transport.close()
        raise
    return SftpFolder(client, transport, split(ask.options["path"])[0], place, encoding)


@dataclass(slots=True)
class SftpFolder:
    """A `Remote` over SFTP."""

    client: SftpClient
    transport: paramiko.Transport
    folder: str
    place: str
    encoding: str

    def entries(self) -> list[Entry]:
        """Every file in the folder; a link counts as the file that it points to."""
        with telling_ssh(self._origin(""), self.encoding):
            found = self.client.listdir_attr(self._path(""))  # type: ignore[arg-type]
        files = [_entry(one.filename, one) for one in found if _is_file(one)]
        for one in found:
            if stat.S_ISLNK(one.st_mode or 0):
                files += self._behind(one.filename)
        return files

    def _behind(self, link: str) -> list[Entry]:
        try:
            return [self.look(link)]
        except SourceUnavailable as error:
            if error.issue.code != "file_missing":
                raise
            return []  # it points to nothing, or to a folder

    def look(self, name: str) -> Entry:
        """As `Remote.look`."""
        with telling_ssh(self._origin(name), self.encoding):
            found = self.client.stat(self._path(name))
        if stat.S_ISDIR(found.st_mode or 0):
            raise SourceUnavailable(Issue("file_missing", value=self._origin(name)))
        return _entry(name, found)

    def blocks(self, name: str, size: int) -> Iterator[bytes]:
        """As `Remote.blocks`."""
        with (
            telling_ssh(self._origin(name), self.encoding),
            self.client.open(self._path(name), "rb") as source,
        ):
            yield from read_ahead(self.client, source.handle, size)

    def close(self) -> None:
        """As `Remote.close`."""
        with suppress(Exception):
            self.transport.close()

    def _origin(self, name: str) -> str:
        return "/".join(part for part in (self.place, self.folder.strip("/"), name) if part)

    def _path(self, name: str) -> bytes:
        """Relative paths start where the login does."""
        path = f"{self.folder.rstrip('/')}/{name}" if self.folder else name or "."
        return path.encode(self.encoding)


def _is_file(told: paramiko.SFTPAttributes) -> bool:
    """Servers needn't tell what a name is (RFC draft filexfer-02, 5)."""
    return told.st_mode is None or stat.S_ISREG(told.st_mode)


def _entry(name: str, told: paramiko.SFTPAttributes) -> Entry:
    return Entry(name, told.st_size or 0, float(told.st_mtime or 0))
