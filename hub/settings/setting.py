"""One setting: what it is called, what it may be, and what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from hub.settings.kind import Kind

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
HIDDEN = "***"
_SECRET_WORDS = {"password", "passwd", "secret", "token", "sslpassword"}  # of an address's query


class Secrecy(Enum):
    """Which part of a value nobody may see."""

    NONE = "none"
    WHOLE = "whole"
    PASSWORD = "password"  # noqa: S105 - the part of an address


@dataclass(frozen=True, slots=True)
class Setting:
    """`key` is `table.name` of hub.toml, "" for what only the environment may say. `default` is what
    holds where nobody says anything; None: nothing. `meaning` is a message id."""

    key: str
    kind: Kind
    meaning: str
    default: str | None = None
    environment: str = ""
    secrecy: Secrecy = Secrecy.NONE

    @property
    def name(self) -> str:
        """The environment variable: HUB_ and the key, unless it has a name of its own."""
        return self.environment or "HUB_" + self.key.replace(".", "_").upper()

    @property
    def file_name(self) -> str | None:
        """The environment variable that names a file with the secret; None where there is none."""
        return None if self.secrecy is Secrecy.NONE else f"{self.name}_FILE"

    @property
    def title(self) -> str:
        """How people are told of it."""
        return self.key or self.name

    def shows_secret(self, told: str) -> bool:
        """Whether `told`, as written in a file, has a secret in clear in place of `${NAME}`."""
        if self.secrecy is Secrecy.WHOLE:
            return REFERENCE.fullmatch(told) is None
        if self.secrecy is Secrecy.NONE:
            return False
        return any(REFERENCE.fullmatch(one) is None for one in _passwords(told))

    def shown(self, told: str) -> str:
        """`told` without what nobody may see."""
        if self.secrecy is Secrecy.WHOLE:
            return HIDDEN
        if self.secrecy is Secrecy.NONE:
            return told
        return _without_passwords(told)


def _passwords(address: str) -> list[str]:
    """What stands for a password in an address; all of one that can't be read."""
    try:
        parts = urlsplit(address)
        first = [parts.password] if parts.password else []
    except ValueError:
        return [address]
    query = parse_qsl(parts.query, keep_blank_values=True)
    return first + [value for name, value in query if name.lower() in _SECRET_WORDS]


def _without_passwords(address: str) -> str:
    if not (found := _passwords(address)):
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return HIDDEN
    user, at, place = parts.netloc.rpartition("@")
    if parts.password:
        user = user.partition(":")[0] + ":" + HIDDEN
    query = "" if len(found) > bool(parts.password) else parts.query
    return urlunsplit(parts._replace(netloc=user + at + place, query=query))
