"""A small FTP server with TLS that asks of its clients what vsftpd does: the connection of data has
to go on with the TLS session of the one of commands. (pyftpdlib can't ask for that.)"""

from __future__ import annotations

import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

USER, PASSWORD = "exchange", "geheim-4711"


@dataclass
class Ftps:
    """`reused` says of each connection of data whether it went on with the session; `sends` are how
    many bytes of each of the next files go out before both connections are cut."""

    port: int
    files: Path
    certificate: Path
    reused: list[bool] = field(default_factory=list)
    sends: list[int] = field(default_factory=list)

    def options(self, **more: object) -> dict[str, object]:
        """What a feed declares."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": USER,
            "password": PASSWORD,
            "tls": True,
            "certificate": str(self.certificate),
            "path": "*.csv",
        } | more


def make_certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """Files of a certificate for `host` that nobody else signed, and of its key."""
    folder.mkdir(exist_ok=True)
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=test", "-addext", f"subjectAltName={host}"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@contextmanager
def ftps_server(host: str = "IP:127.0.0.1") -> Iterator[Ftps]:
    """Runs the server until the block ends; `host` is the name in its certificate."""
    with tempfile.TemporaryDirectory(prefix="hub-ftps-") as name:
        folder = Path(name)
        certificate, key = make_certificate(folder, host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        files = folder / "files"
        files.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            ftps = Ftps(listener.getsockname()[1], files, certificate)
            thread = threading.Thread(target=_accept, args=(listener, ftps, context))
            thread.start()
            try:
                yield ftps
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()


def _accept(listener: socket.socket, ftps: Ftps, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            talk = _Talk(client, ftps, context)
            threading.Thread(target=talk.run, daemon=True).start()


class _Cut(Exception):
    """The line is to be cut."""


class _Talk:
    def __init__(self, client: socket.socket, ftps: Ftps, context: ssl.SSLContext) -> None:
        self.client, self.ftps, self.context = client, ftps, context
        self.known = False
        self.waiting: socket.socket | None = None

    def run(self) -> None:
        with suppress(OSError, _Cut):
            self.say("220 ready")
            while line := self.line():
                command, _, told = line.partition(" ")
                answer = getattr(self, f"do_{command.lower()}", None)
                self.say("500 unknown command" if answer is None else answer(told))
                if command == "AUTH":
                    self.client = self.context.wrap_socket(self.client, server_side=True)
        self.client.close()

    def say(self, text: str) -> None:
        self.client.sendall(f"{text}\r\n".encode())

    def line(self) -> str:
        read = b""
        while not read.endswith(b"\n"):
            byte = self.client.recv(1)
            if not byte:
                return ""
            read += byte
        return read.decode().strip()

    def do_auth(self, told: str) -> str:
        return "234 go on"

    def do_user(self, told: str) -> str:
        if not isinstance(self.client, ssl.SSLSocket):
            return "522 not without TLS"
        return f"331 password of {told}?"

    def do_pass(self, told: str) -> str:
        self.known = told == PASSWORD
        return "230 welcome" if self.known else f"530 {told} is wrong"

    def do_type(self, told: str) -> str:
        return "200 fine"

    do_pbsz = do_prot = do_type

    def do_pasv(self, told: str) -> str:
        self.waiting = socket.create_server(("127.0.0.1", 0))
        port = self.waiting.getsockname()[1]
        return f"227 here (10,9,8,7,{port >> 8},{port & 255})"

    def do_size(self, told: str) -> str:
        path = self.ftps.files / told
        return f"213 {path.stat().st_size}" if path.is_file() else "550 no such file"

    def do_mdtm(self, told: str) -> str:
        return f"213 {_moment(self.ftps.files / told)}"

    def do_mlsd(self, told: str) -> str:
        lines = [
            f"type=file;size={p.stat().st_size};modify={_moment(p)}; {p.name}\r\n"
            for p in self.ftps.files.iterdir()
        ]
        return self.send("".join(lines).encode(), None)

    def do_retr(self, told: str) -> str:
        most = self.ftps.sends.pop(0) if self.ftps.sends else None
        return self.send((self.ftps.files / told).read_bytes(), most)

    def send(self, content: bytes, most: int | None) -> str:
        assert self.waiting is not None
        self.say("150 coming")
        with closing(self.waiting):
            plain, _ = self.waiting.accept()
        with self.context.wrap_socket(plain, server_side=True) as data:
            self.ftps.reused.append(bool(data.session_reused))
            if not data.session_reused:
                return "522 the session has to be the same"
            data.sendall(content[:most])
        if most is not None:
            raise _Cut
        return "226 that was all"


def _moment(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).strftime("%Y%m%d%H%M%S")
