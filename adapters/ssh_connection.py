"""A connection over SSH to a server that has shown the key that was expected."""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import io
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from adapters.network import open_socket
from adapters.source import Ask
from exchange_schemas.errors import (
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from exchange_schemas.issue import Issue

_RSA = ("rsa-sha2-512", "rsa-sha2-256")
_FINGERPRINT = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")
_PUBLIC_KEY = re.compile(
    r"\b(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+=*)"
)

# Paramiko tells its own log what it raises as well, and without a reader Python prints that.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class HostKey:
    """`fingerprint` as OpenSSH writes it; `kinds` are the algorithms to ask for, () for any."""

    fingerprint: str
    kinds: tuple[str, ...] = ()


def read_host_key(text: str) -> HostKey:
    """The key of a line of `known_hosts` or of a .pub file, or a fingerprint.

    Raises Misdeclared (host_key_unfit).
    """
    if found := _FINGERPRINT.fullmatch(text.strip()):
        return HostKey(f"SHA256:{found[1]}")
    found = _PUBLIC_KEY.search(text)
    try:
        key = base64.b64decode(found[2], validate=True) if found else b""
    except binascii.Error:
        key = b""
    if found is None or not key:
        raise Misdeclared(Issue("host_key_unfit"))
    told = base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
    return HostKey(f"SHA256:{told}", _RSA if found[1] == "ssh-rsa" else (found[1],))


def read_private_key(text: str) -> paramiko.PKey:
    """A private key of any kind, or of the file whose absolute path `text` is.

    Where an environment variable can't hold line ends, `\\n` may stand for them. Raises Misdeclared
    (private_key_unfit), whose words show neither the key nor its path.
    """
    reason = "it is none of Ed25519, ECDSA, RSA"
    plain = _key_text(text.strip()).replace("\\n", "\n").strip() + "\n"
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(plain))
        except paramiko.PasswordRequiredException:
            reason = "it is locked with a passphrase"
        except (paramiko.SSHException, ValueError, IndexError, TypeError):
            continue  # not of this kind; and the words of the error may show the key
    raise Misdeclared(Issue("private_key_unfit", params={"reason": reason}))


def _key_text(text: str) -> str:
    if not text.startswith("/"):  # no key starts so
        return text
    try:
        return Path(text).read_text(encoding="ascii")
    except (OSError, UnicodeError, ValueError):
        words = {"reason": "its file can't be read"}
        raise Misdeclared(Issue("private_key_unfit", params=words)) from None  # it shows the path


def open_transport(ask: Ask, host: str, port: int) -> paramiko.Transport:
    """A connection that is logged in; nothing secret is sent before the host key was compared.

    Raises as `open_socket` and `telling_ssh`, and Misdeclared (host_key_unfit, private_key_unfit),
    SourceUnreadable (host_key_differs, account_refused).
    """
    place, seconds = f"{host}:{port}", float(ask.limits.request_seconds)
    expected = read_host_key(ask.options["host_key"])
    key = read_private_key(ask.options["key"]) if "key" in ask.options else None
    raw = open_socket(host, port, ask.internal, seconds)
    transport = paramiko.Transport(raw)
    transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = seconds
    try:
        with telling_ssh(place):
            if expected.kinds:
                transport.get_security_options().key_types = expected.kinds
            _start(transport, expected, place, seconds)
            _log_in(transport, ask.options, key, place)
    except BaseException:
        transport.close()
        raise
    return transport


def _start(transport: paramiko.Transport, expected: HostKey, place: str, seconds: float) -> None:
    words = {"expected": expected.fingerprint, "found": "none of that kind"}
    try:
        transport.start_client(timeout=seconds)
    except IncompatiblePeer as error:
        if "host key" not in str(error):
            raise
        raise SourceUnreadable(Issue("host_key_differs", value=place, params=words)) from error
    shown = transport.get_remote_server_key()
    if shown.fingerprint != expected.fingerprint:
        words["found"] = f"{shown.get_name()} {shown.fingerprint}"
        raise SourceUnreadable(Issue("host_key_differs", value=place, params=words))


def _log_in(
    transport: paramiko.Transport,
    options: Mapping[str, Any],
    key: paramiko.PKey | None,
    place: str,
) -> None:
    user = str(options["user"])
    try:
        if key is not None:
            transport.auth_publickey(user, key)
        else:
            transport.auth_password(user, str(options["password"]))
    except paramiko.AuthenticationException as error:
        # a server that hangs up or is silent hasn't refused anybody
        if not transport.is_active() or "timeout" in str(error).lower():
            raise
        raise _refused(place, user) from None
    if not transport.is_authenticated():  # the server wants a second proof, such as a code
        raise _refused(place, user)


def _refused(place: str, user: str) -> SourceUnreadable:
    return SourceUnreadable(Issue("account_refused", value=place, params={"user": user}))


@contextmanager
def telling_ssh(value: str, encoding: str = "utf-8") -> Iterator[None]:
    """Turns what paramiko raises into errors that say how to react; `value` is what was asked for.

    Raises SourceFaltering (transfer_broke_off), SourceUnavailable (file_missing), SourceUnreadable
    (file_refused, ssh_unfit), Misdeclared (file_names_unreadable).
    """
    try:
        yield
    except UnicodeError as error:
        words = {"encoding": encoding}
        raise Misdeclared(Issue("file_names_unreadable", value=value, params=words)) from error
    except IncompatiblePeer as error:
        raise SourceUnreadable(
            Issue("ssh_unfit", value=value, params={"reason": str(error)})
        ) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        code = getattr(error, "errno", None)
        if code == errno.ENOENT:
            raise SourceUnavailable(Issue("file_missing", value=value)) from error
        if code == errno.EACCES:
            raise SourceUnreadable(Issue("file_refused", value=value)) from error
        words = {"reason": str(error) or type(error).__name__}
        raise SourceFaltering(Issue("transfer_broke_off", value=value, params=words)) from error
