"""The id of a request: the proxy's, where it is a plain token, else one of our own."""

from __future__ import annotations

import re
import secrets

HEADER = "X-Request-ID"
#: Where an application finds it in a request's environment.
ENVIRON = "exchange.request_id"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def request_id(told: str | None) -> str:
    """`told` where nothing but letters, digits, dots and dashes are in it: it goes into headers and logs."""
    return told if told and _PLAIN.fullmatch(told) else secrets.token_hex(8)
