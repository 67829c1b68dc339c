"""Source: files on a server that speaks FTP, or FTP over TLS."""

from __future__ import annotations

import ftplib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.ftp_connection import Guarded, GuardedTls, telling_ftp, trusting
from adapters.remote_files import (
    BLOCK,
    FILES_OPTIONS,
    Entry,
    address,
    encoding_of,
    pull_files,
    split,
)
from adapters.source import SECRET, Ask, Part
from exchange_schemas.errors import SourceUnavailable, SourceUnreadable
from exchange_schemas.issue import Issue

PORT = 21


class FtpSource:
    """`tls: true` is explicit FTPS: names, files and the password are then private."""

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["host", "user", "password", "path"],
        "properties": {
            **FILES_OPTIONS,
            "password": SECRET,
            "tls": {"type": "boolean"},
            "certificate": {"type": "string", "minLength": 1},
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The files; raises as `pull_files`, `connect` and `telling_ftp`."""
        host, port = address(ask, PORT)
        scheme = "ftps" if ask.options.get("tls") else "ftp"
        yield from pull_files(ask, scheme, f"{host}:{port}", lambda: connect(ask, host, port))


def connect(ask: Ask, host: str, port: int) -> FtpFolder:
    """A connection in the folder of the feed's `path`.

    Raises as `open_socket` and `telling_ftp`, and SourceUnreadable (account_refused), Misdeclared
    (certificate_unfit, file_encoding_unknown).
    """
    tls = bool(ask.options.get("tls"))
    place, encoding = f"{'ftps' if tls else 'ftp'}://{host}:{port}", encoding_of(ask)
    seconds, folder = float(ask.limits.request_seconds), split(ask.options["path"])[0]
    client: Guarded = (
        GuardedTls(trusting(ask), timeout=seconds, encoding=encoding)
        if tls
        else Guarded(timeout=seconds, encoding=encoding)
    )
    client.internal = ask.internal
    try:
        with telling_ftp(place, encoding):
            client.connect(host, port)
            _log_in(client, ask.options, place)
        origin = "/".join(part for part in (place, folder.strip("/")) if part)
        with telling_ftp(origin, encoding):
            if folder:
                client.cwd(folder)
    except BaseException:
        client.close()
        raise
    return FtpFolder(client, origin, encoding)


def _log_in(client: Guarded, options: Mapping[str, Any], place: str) -> None:
    user = str(options["user"])
    if isinstance(client, GuardedTls):
        client.auth()
    try:
        client.login(user, str(options["password"]))
    except ftplib.error_perm:
        words = {"user": user}
        # the server's own words may repeat what was sent
        raise SourceUnreadable(Issue("account_refused", value=place, params=words)) from None
    if isinstance(client, GuardedTls):
        client.prot_p()


@dataclass(slots=True)
class FtpFolder:
    """A `Remote` over FTP; the connection stands in the folder, so names are sent alone."""

    client: Guarded
    origin: str
    encoding: str

    def entries(self) -> list[Entry]:
        """Every file in the folder; servers that don't know MLSD are asked file by file."""
        with telling_ftp(self.origin, self.encoding):
            try:
                told = list(self.client.mlsd())
            except ftplib.error_perm as error:
                if not str(error).startswith(("500", "501", "502", "504")):
                    raise
            else:
                return [entry for name, facts in told for entry in self._listed(name, facts)]
            return [entry for name in self._names() for entry in self._file(name)]

    def _listed(self, name: str, facts: Mapping[str, str]) -> list[Entry]:
        if facts.get("type", "file").lower() in ("dir", "cdir", "pdir"):
            return []
        name = name.rpartition("/")[2]
        if "size" in facts and "modify" in facts:
            return [Entry(name, int(facts["size"]), _seconds(facts["modify"]))]
        return self._file(name)

    def _names(self) -> list[str]:
        try:
            return [name.rpartition("/")[2] for name in self.client.nlst()]
        except ftplib.error_perm as error:
            if str(error).startswith("550"):  # what some servers say of an empty folder
                return []
            raise

    def _file(self, name: str) -> list[Entry]:
        try:
            return [self.look(name)]
        except SourceUnavailable as error:
            if error.issue.code != "file_missing":
                raise
            return []  # a folder

    def look(self, name: str) -> Entry:
        """As `Remote.look`; raises also SourceUnreadable (ftp_command_missing)."""
        with telling_ftp(f"{self.origin}/{name}", self.encoding):
            self.client.voidcmd("TYPE I")  # the size of a text is another one in many servers
            size = self._asked("SIZE", name)
            changed = self._asked("MDTM", name)
            return Entry(name, int(size), _seconds(changed))

    def _asked(self, command: str, name: str) -> str:
        try:
            return self.client.sendcmd(f"{command} {name}")[3:].strip()
        except ftplib.error_perm as error:
            if not str(error).startswith(("500", "501", "502", "504")):
                raise
            words = {"command": command}
            issue = Issue("ftp_command_missing", value=self.origin, params=words)
            raise SourceUnreadable(issue) from error

    def blocks(self, name: str, size: int) -> Iterator[bytes]:
        """As `Remote.blocks`; ends only after the server said that it was all."""
        with telling_ftp(f"{self.origin}/{name}", self.encoding):
            self.client.voidcmd("TYPE I")
            with self.client.transfercmd(f"RETR {name}") as data:
                while block := data.recv(BLOCK):
                    yield block
            self.client.voidresp()

    def close(self) -> None:
        """As `Remote.close`; without a farewell, which may take as long as any answer."""
        with suppress(Exception):
            self.client.close()


def _seconds(told: str) -> float:
    """Unix seconds of `20240501080500` or `20240501080500.123`, in UTC (RFC 3659, 2.3)."""
    whole, _, rest = told.partition(".")
    moment = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return moment.timestamp() + (float(f"0.{rest}") if rest.isdecimal() else 0.0)
