"""A private Dovecot with one mailbox."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from mailbox import Maildir
from pathlib import Path
from shutil import chown, which

from tests.services.needs import require
from tests.services.server import free_port, server

USER, PASSWORD = "mail@bureau", "geheim-imap"

# Everything in one folder, no system users: it listens on loopback only.
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
protocols = imap
listen = 127.0.0.1
{tls}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {secure_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Mailbox:
    """Where the server listens, and its mail: messages put into `mail` are there at once.

    `secure_port` speaks TLS from the beginning; 0 where the server has no certificate.
    """

    port: int
    mail: Maildir
    folder: Path
    secure_port: int = 0


@contextmanager
def imap_server(pair: tuple[Path, Path] | None = None) -> Iterator[Mailbox]:
    """Runs the server until the block ends; `pair` are files of its certificate and key."""
    require(["dovecot-imapd"])
    user, group = ("dovecot", "dovecot") if os.geteuid() == 0 else (_name(), _name())
    port, secure_port = free_port(), free_port() if pair else 0
    tls = f"ssl = yes\nssl_cert = <{pair[0]}\nssl_key = <{pair[1]}" if pair else "ssl = no"
    with tempfile.TemporaryDirectory(prefix="hub-imap-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        mail = Maildir(folder / "mail")
        owner = "nobody" if os.geteuid() == 0 else user
        _give(folder / "mail", owner)
        uid, gid = (folder / "mail").stat().st_uid, (folder / "mail").stat().st_gid
        text = CONFIG.format(folder=folder, port=port, user=user, group=group, uid=uid, gid=gid,
                             password=PASSWORD, tls=tls, secure_port=secure_port)  # fmt: skip
        (folder / "dovecot.conf").write_text(text)
        command = [str(which("dovecot")), "-F", "-c", str(folder / "dovecot.conf")]
        with server(command, partial(_answers, port), folder / "log"):
            yield Mailbox(port, mail, folder, secure_port)


def deliver(box: Mailbox, message: bytes) -> None:
    """Put a message into the inbox, readable for the server."""
    box.mail.add(message)
    _give(box.folder / "mail", "nobody" if os.geteuid() == 0 else _name())


def _give(folder: Path, owner: str) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            chown(path, owner, "nogroup")


def _name() -> str:
    import getpass

    return getpass.getuser()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            return connection.recv(4) == b"* OK"
    except OSError:
        return False
