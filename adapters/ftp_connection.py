"""FTP whose every connection, of commands and of data, is opened by `open_socket`."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from adapters.network import open_socket
from adapters.source import Ask
from exchange_schemas.errors import (
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from exchange_schemas.issue import Issue

LISTING = 64 << 20  # bytes of one folder's list


class Guarded(ftplib.FTP):
    """`internal` as in `open_socket`. Data come from the host that the commands go to, whatever
    address the server names for them (PASV): so no server can make the hub knock elsewhere."""

    internal = False
    trust_server_pasv_ipv4_address = False
    timeout: float

    def connect(
        self, host: str = "", port: int = 0, timeout: float = -999, source_address: Any = None
    ) -> str:
        self.host, self.port = host, port
        self.sock = open_socket(host, port, self.internal, self.timeout)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, None]:
        host, port = self.makepasv()
        data = open_socket(host, port, self.internal, self.timeout)
        try:
            self._begin(cmd)
            return self.protected(data), None
        except BaseException:
            data.close()
            raise

    def _begin(self, command: str) -> None:
        answer = self.sendcmd(command)
        if answer.startswith("2"):  # some send one too many, as ftplib knows
            answer = self.getresp()
        if not answer.startswith("1"):
            raise ftplib.error_reply(answer)  # noqa: S321

    def retrlines(self, cmd: str, callback: Callable[[str], object] | None = None) -> str:
        """As in ftplib, but without waiting for a farewell of TLS, which many servers don't say:
        that nothing is missing, their answer at the end tells."""
        self.voidcmd("TYPE A")
        read = bytearray()
        with self.transfercmd(cmd) as data:
            while block := data.recv(1 << 16):
                read += block
                if len(read) > LISTING:
                    raise ftplib.error_proto("an endless list")  # noqa: S321
        answer = self.voidresp()
        for line in filter(None, read.decode(self.encoding).replace("\r\n", "\n").split("\n")):
            if callback is not None:
                callback(line)
        return answer

    def protected(self, data: socket.socket) -> socket.socket:
        """The connection of data as it is to be read."""
        return data


class GuardedTls(ftplib.FTP_TLS, Guarded):
    """Both connections over TLS; the one of data goes on with the session of the other, which
    servers ask for (`require_ssl_reuse`) so that nobody else can take the data."""

    def __init__(self, context: ssl.SSLContext, **told: Any) -> None:
        ftplib.FTP_TLS.__init__(self, context=context, **told)  # noqa: S321

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, None]:
        return Guarded.ntransfercmd(self, cmd, rest)

    def protected(self, data: socket.socket) -> socket.socket:
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        return self.context.wrap_socket(data, server_hostname=self.host, session=session)


def trusting(ask: Ask) -> ssl.SSLContext:
    """What the system trusts, or only the feed's own `certificate`; the host's name has to fit.

    Raises Misdeclared (certificate_unfit).
    """
    own = ask.options.get("certificate")
    try:
        return ssl.create_default_context(cafile=str(ask.folder / own) if own else None)
    except OSError as error:
        raise Misdeclared(Issue("certificate_unfit", value=str(own))) from error


@contextmanager
def telling_ftp(value: str, encoding: str) -> Iterator[None]:
    """Turns what ftplib raises into errors that say how to react; `value` is what was asked for.

    Raises SourceFaltering (transfer_broke_off, ftp_busy), SourceUnavailable (file_missing),
    SourceUnreadable (ftp_refused, certificate_refused), Misdeclared (file_names_unreadable).
    """
    try:
        yield
    except UnicodeError as error:
        words = {"encoding": encoding}
        raise Misdeclared(Issue("file_names_unreadable", value=value, params=words)) from error
    except ssl.SSLCertVerificationError as error:
        words = {"reason": error.verify_message}
        raise SourceUnreadable(Issue("certificate_refused", value=value, params=words)) from error
    except ftplib.error_temp as error:
        words = {"reply": str(error)}
        raise SourceFaltering(Issue("ftp_busy", value=value, params=words)) from error
    except (ftplib.error_perm, ftplib.error_reply, ftplib.error_proto, ValueError) as error:
        if str(error).startswith("550"):
            raise SourceUnavailable(Issue("file_missing", value=value)) from error
        words = {"reply": str(error)}
        raise SourceUnreadable(Issue("ftp_refused", value=value, params=words)) from error
    except (OSError, EOFError) as error:
        words = {"reason": str(error) or type(error).__name__}
        raise SourceFaltering(Issue("transfer_broke_off", value=value, params=words)) from error
