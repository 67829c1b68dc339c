"""Files handed over by SFTP: whole under their final name, or not there under it at all."""

from __future__ import annotations

from dataclasses import replace

import paramiko

from adapters.remote_files import UNFINISHED, Entry, address
from adapters.sftp_client import read_ahead
from adapters.source import Ask
from adapters.source_sftp import PORT, SftpFolder, connect
from adapters.ssh_connection import telling_ssh
from exchange_schemas.errors import SourceFaltering, SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue


def open_folder(ask: Ask, folder: str) -> SftpFolder:
    """A connection to `folder` of the server that the options name; raises as `source_sftp.connect`."""
    options = {**ask.options, "path": f"{folder.rstrip('/')}/*"}
    return connect(replace(ask, options=options), *address(ask, PORT))


def has(folder: SftpFolder, name: str, size: int) -> bool:
    """Whether there is a file of this name and size."""
    try:
        return folder.look(name).size == size
    except SourceUnavailable as error:
        if error.issue.code != "file_missing":
            raise
        return False


def put(folder: SftpFolder, name: str, content: bytes) -> None:
    """Write the file under a name that nobody takes for finished, and rename it when it is whole.

    What has its name already is replaced. Raises as `telling_ssh`; SourceFaltering
    (transfer_broke_off) where the server has fewer bytes than it was sent.
    """
    unfinished, final = folder._path(f".{name}{UNFINISHED[1]}"), folder._path(name)
    client = folder.client
    with telling_ssh(folder._origin(name), folder.encoding):
        with client.open(unfinished, "wb") as file:
            file.set_pipelined(True)
            file.write(content)
        found = client.stat(unfinished).st_size
        if found != len(content):
            words = {"reason": f"{found} bytes instead of {len(content)}"}
            raise SourceFaltering(Issue("transfer_broke_off", value=name, params=words))
        _rename(client, unfinished, final)


def _rename(client: paramiko.SFTPClient, unfinished: bytes, final: bytes) -> None:
    """Over what is there, where the server can do that in one step."""
    try:
        client.posix_rename(unfinished, final)
    except OSError:
        client.rename(unfinished, final)


def finished(folder: SftpFolder) -> list[Entry]:
    """The files of the folder that nobody is writing any more, by name; the folder may be missing."""
    try:
        found = folder.entries()
    except SourceUnavailable as error:
        if error.issue.code != "file_missing":
            raise
        return []
    named = (e for e in found if not e.name.startswith(".") and not e.name.endswith(UNFINISHED))
    return sorted(named, key=lambda one: one.name)


def get(folder: SftpFolder, entry: Entry, most: int) -> bytes:
    """The file's bytes; raises SourceUnreadable (delivery_too_large), else as `telling_ssh`."""
    if entry.size > most:
        raise SourceUnreadable(Issue("delivery_too_large", value=f"{most >> 20} MB"))
    with (
        telling_ssh(folder._origin(entry.name), folder.encoding),
        folder.client.open(folder._path(entry.name), "rb") as source,
    ):
        return b"".join(read_ahead(folder.client, source.handle, entry.size))
