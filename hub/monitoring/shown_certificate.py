"""The certificate that a server shows, asked for as every client does it."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.network import open_socket

SECONDS = 5.0  # that a server may take


@dataclass(frozen=True, slots=True)
class Shown:
    """`digest` is the SHA-256 (hex) of the certificate; `ends` the moment until which it is valid."""

    digest: str
    ends: datetime


def shown(host: str, port: int, internal: bool) -> Shown:
    """What a server shows; `internal`: its addresses needn't be public.

    Raises Misdeclared, SourceFaltering (as `open_socket`), OSError (an ssl.SSLError is one: a certificate
    that isn't accepted, too).
    """
    context = ssl.create_default_context()
    with (
        open_socket(host, port, internal, SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as safe,
    ):
        der = safe.getpeercert(binary_form=True) or b""
        told = safe.getpeercert() or {}
    return Shown(hashlib.sha256(der).hexdigest(), ends_at(str(told["notAfter"])))


def ends_at(not_after: str) -> datetime:
    """The moment that a certificate names in OpenSSL's words, e.g. Jun  9 12:00:00 2027 GMT."""
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(not_after), UTC)
