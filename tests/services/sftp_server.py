"""A private OpenSSH server, and a folder to lay files into."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.services.needs import require
from tests.services.server import free_port, server

_PROGRAM = "/usr/sbin/sshd"
_SETTINGS = """\
ListenAddress 127.0.0.1
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication yes
MaxStartups 100
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Sftp:
    """`user` logs in with the private key `key`; `host_keys` are the server's public key lines."""

    port: int
    user: str
    key: str
    host_keys: dict[str, str]
    files: Path

    def options(self, **more: object) -> dict[str, object]:
        """What a feed declares."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": self.user,
            "key": self.key,
            "host_key": self.host_keys["ed25519"],
            "path": f"{self.files}/*.csv",
        } | more


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "") -> str:
    """A new private key at `path` (and its .pub beside it), as text."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.read_text()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as probe:
            return probe.recv(4) == b"SSH-"
    except OSError:
        return False


@contextmanager
def sftp_server(*settings: str) -> Iterator[Sftp]:
    """Runs an sshd of its own, with further lines of its configuration."""
    require(["openssh-server"])
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # it won't start without; Debian's service makes it
    with tempfile.TemporaryDirectory(prefix="hub-sftp-") as name:
        folder, port = Path(name), free_port()
        files = folder / "files"
        files.mkdir()
        key = make_key(folder / "login")
        shutil.copy(folder / "login.pub", folder / "authorized")
        lines = [f"Port {port}", f"AuthorizedKeysFile {folder / 'authorized'}", *settings]
        public = {}
        for kind in ("ed25519", "rsa"):
            make_key(folder / kind, kind)
            public[kind] = (folder / f"{kind}.pub").read_text().strip()
            lines.append(f"HostKey {folder / kind}")
        config = folder / "config"
        config.write_text("\n".join([*lines, _SETTINGS]))
        command = [_PROGRAM, "-D", "-e", "-f", str(config)]
        with server(command, partial(_answers, port), folder / "log"):
            yield Sftp(port, getpass.getuser(), key, public, files)
