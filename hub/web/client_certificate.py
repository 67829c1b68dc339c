"""Client certificates (mTLS), as the one trusted proxy before the server has verified them.

The proxy sends the certificate as nginx's `$ssl_client_escaped_cert` writes it: PEM, escaped for a
URL. From anybody else the header says nothing. What is found goes to a place of the request's
environment that no header can reach.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "HTTP_X_CLIENT_CERT"
#: Of a request's environment: hex SHA-256 of the verified certificate.
CERTIFICATE = "hub.client_certificate"
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class Certified:
    """Stands before everything that changes the peer's address; `proxy` is the trusted one's."""

    def __init__(self, application: WSGIApplication, proxy: str | None) -> None:
        self._application = application
        self._proxy = proxy

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer as the application does."""
        shown = environ.pop(HEADER, "")
        environ.pop(CERTIFICATE, None)
        if shown and self._proxy is not None and environ.get("REMOTE_ADDR") == self._proxy:
            found = fingerprint(shown)
            if found is not None:
                environ[CERTIFICATE] = found
        return self._application(environ, start)


def fingerprint(escaped: str) -> str | None:
    """The hex SHA-256 of one certificate in escaped PEM; None for anything else."""
    text = unquote(escaped).strip()
    if not text.startswith(_BEGIN) or not text.endswith(_END) or text.count(_BEGIN) != 1:
        return None
    body = text.removeprefix(_BEGIN).removesuffix(_END)
    try:
        return hashlib.sha256(base64.b64decode("".join(body.split()), validate=True)).hexdigest()
    except (ValueError, binascii.Error):
        return None
