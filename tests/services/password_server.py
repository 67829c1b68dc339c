"""A small SFTP server that takes one password: sshd would ask the system's own accounts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import paramiko

_KEY = paramiko.ECDSAKey.generate()
HOST_KEY = f"{_KEY.get_name()} {_KEY.get_base64()}"


class _Door(paramiko.ServerInterface):
    def __init__(self, user: str, password: str) -> None:
        self.account = (user, password)

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == self.account
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Empty(paramiko.SFTPServerInterface):
    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes]:
        return []


@contextmanager
def password_server(user: str, password: str) -> Iterator[int]:
    """Runs the server, whose folder is empty, until the block ends; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        door = _Door(user, password)
        thread = threading.Thread(target=_accept, args=(listener, door))
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(listener: socket.socket, door: _Door) -> None:
    talks = []
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            transport = paramiko.Transport(client)
            transport.add_server_key(_KEY)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Empty)
            transport.start_server(event=threading.Event(), server=door)
            talks.append(transport)
    for transport in talks:
        transport.close()
