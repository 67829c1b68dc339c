"""A private FTP server (pyftpdlib) on a free loopback port; `ftps_server` is the one with TLS."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import DTPHandler, FTPHandler
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

USER, PASSWORD = "exchange", "geheim-4711"


@dataclass
class Ftp:
    """`sends` are how many bytes of each of the next files go out before the line is cut; `lacks`
    are commands that the server doesn't know, `busy` those that it puts off; `asked` are those that
    came."""

    port: int
    files: Path
    sends: list[int] = field(default_factory=list)
    lacks: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def options(self, **more: object) -> dict[str, object]:
        """What a feed declares."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": USER,
            "password": PASSWORD,
            "path": "out/*.csv",
        } | more


@contextmanager
def ftp_server(encoding: str = "utf-8", masquerade: str = "") -> Iterator[Ftp]:
    """Runs the server until the block ends; `masquerade` is the address that PASV names."""
    with tempfile.TemporaryDirectory(prefix="hub-ftp-") as name:
        files = Path(name) / "home" / "out"
        files.mkdir(parents=True)
        ftp = Ftp(0, files)
        handler = _handler(ftp)
        handler.authorizer = DummyAuthorizer()
        handler.authorizer.add_user(USER, PASSWORD, str(files.parent), perm="elr")
        handler.encoding, handler.masquerade_address = encoding, masquerade or None
        handler.auth_failed_timeout = 0
        loop = IOLoop()
        server = FTPServer(("127.0.0.1", 0), handler, ioloop=loop)
        ftp.port = server.address[1]
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, ended))
        thread.start()
        try:
            yield ftp
        finally:
            ended.set()
            thread.join()


def _serve(server: FTPServer, ended: threading.Event) -> None:
    while not ended.is_set():
        server.ioloop.loop(timeout=0.02, blocking=False)  # serve_forever logs every round
    server.close_all()


def _handler(ftp: Ftp) -> Any:
    class Data(DTPHandler):  # type: ignore[misc]
        sent = 0
        most: int | None = None

        def send(self, block: bytes) -> int:
            if self.most is None:
                return int(super().send(block))
            if self.sent >= self.most:
                self.cmd_channel.close()
                self.close()
                return 0
            count = int(super().send(block[: self.most - self.sent]))
            self.sent += count
            return count

        def use_sendfile(self) -> bool:
            return False

    class Commands(FTPHandler):  # type: ignore[misc]
        dtp_handler = Data

        def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
            ftp.asked.append(line)
            if cmd in ftp.lacks | ftp.busy:
                self.respond("450 later" if cmd in ftp.busy else "500 unknown command")
                return
            super().pre_process_command(line, cmd, arg)

        def ftp_RETR(self, file: str) -> Any:  # noqa: N802
            Data.most = ftp.sends.pop(0) if ftp.sends else None
            return super().ftp_RETR(file)

    return Commands
