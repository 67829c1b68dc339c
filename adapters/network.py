"""The one way to the network: every connection goes to an address that was looked at.

The name is resolved once, its addresses are checked (`addresses.is_public`), and the connection goes
to exactly one of those: a name that answers otherwise the second time, a redirect, or an odd way to
write an address change nothing, because the check is made of what is connected to, when it is.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import parse_url

from adapters.addresses import is_public
from adapters.deadline import Connections
from adapters.source import Ask
from exchange_schemas.errors import Misdeclared, SourceFaltering, SourceUnreadable
from exchange_schemas.issue import Issue

USER_AGENT = "exchange-hub/1.0"


def open_socket(host: str, port: int, internal: bool, timeout: float) -> socket.socket:
    """A connection to `host`; `internal`: its addresses needn't be public.

    Raises Misdeclared (address_refused), SourceFaltering (host_unknown, source_unreachable).
    """
    addresses = checked_addresses(host, port, internal)
    reason: OSError | None = None
    for family, target in addresses:
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        # a request's head and body are sent one by one, and needn't wait for each other
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection.connect(target)
        except OSError as error:
            connection.close()
            reason = error
        else:
            return connection
    words = {"reason": _reason(reason)}
    raise SourceFaltering(
        Issue("source_unreachable", value=f"{host}:{port}", params=words)
    ) from reason


def checked_addresses(
    host: str, port: int, internal: bool
) -> list[tuple[socket.AddressFamily, Any]]:
    """(family, address to connect to) of all that the name stands for; raises as `open_socket`.

    One address that isn't public is enough to refuse the name: nobody needs such a name.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceFaltering(Issue("host_unknown", value=host)) from error
    for _, _, _, _, target in found:
        if not internal and not is_public(str(target[0])):
            raise Misdeclared(
                Issue("address_refused", value=host, params={"address": str(target[0])})
            )
    return [(family, target) for family, _, _, _, target in found]


def pool(ask: Ask) -> urllib3.PoolManager:
    """A pool for libraries that take one; every connection of it is opened by `open_socket`."""
    manager = urllib3.PoolManager(
        timeout=float(ask.limits.request_seconds),
        # `total` would count redirects too, and 0 of it would forbid them
        retries=urllib3.Retry(
            total=None, connect=0, read=0, status=0, other=0, redirect=ask.limits.redirects
        ),
    )
    manager.pool_classes_by_scheme = _pool_classes(ask.internal, Connections())
    return manager


class CarefulSession(requests.Session):
    """Takes nothing private along to another server.

    On a redirect there it forgets not only `Authorization`, as requests does, but every header named
    in `private`; and a request with a body, which may have a key in it, doesn't go there at all.
    """

    def __init__(self) -> None:
        super().__init__()
        self.private: set[str] = set()
        self.connections = Connections()

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Raises SourceUnreadable (link_foreign) where a body would be sent elsewhere."""
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]
        before, after = str(response.request.url), str(prepared_request.url)
        if self.should_strip_auth(before, after):  # type: ignore[no-untyped-call]
            if prepared_request.body is not None:
                raise SourceUnreadable(Issue("link_foreign", value=server_of(after)))
            for name in self.private:
                prepared_request.headers.pop(name, None)


def server_of(url: str) -> str:
    """Scheme, host and port that a request for `url` goes to; "" where it can't be told.

    As urllib3 reads it, which is who connects: `urlsplit` takes `http://a\\@b/` for b's, and urllib3
    asks a.
    """
    try:
        told = parse_url(url)
    except urllib3.exceptions.LocationValueError:
        return ""
    scheme = told.scheme or ""
    port = told.port or {"http": 80, "https": 443}.get(scheme)
    return f"{scheme}://{(told.host or '').rstrip('.')}:{port}" if told.host and port else ""


def session(ask: Ask) -> CarefulSession:
    """A session without proxies or passwords from the environment, with bounded redirects.

    Its time-out is `ask.limits.request_seconds`, for connecting and between two bytes.
    """
    made = CarefulSession()
    made.trust_env = False
    made.max_redirects = ask.limits.redirects
    made.headers["User-Agent"] = USER_AGENT
    adapter = _Guarded(ask.internal, float(ask.limits.request_seconds), made.connections)
    made.adapters.clear()
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


@contextmanager
def asking(url: str) -> Iterator[None]:
    """Turns what requests and urllib3 raise into errors that say how to react.

    Raises SourceFaltering (source_unreachable), SourceUnreadable (http_redirects,
    http_certificate), Misdeclared (http_url).
    """
    try:
        yield
    except requests.TooManyRedirects as error:
        raise SourceUnreadable(Issue("http_redirects", value=_bare(url))) from error
    except (
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidURL,
        urllib3.exceptions.LocationValueError,
    ) as error:
        raise Misdeclared(Issue("http_url", value=_bare(url))) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        if (refused := _certificate(error)) is not None:
            words = {"reason": refused.verify_message}
            raise SourceUnreadable(
                Issue("http_certificate", value=_bare(url), params=words)
            ) from error
        words = {"reason": type(error).__name__}
        raise SourceFaltering(
            Issue("source_unreachable", value=_bare(url), params=words)
        ) from error


def _bare(url: str) -> str:
    """An address without what may be private in it: user, query, fragment."""
    head, _, rest = url.partition("://")
    place = rest.partition("?")[0].partition("#")[0]
    return f"{head}://{place.rpartition('@')[2]}" if rest else url.partition("?")[0]


def _reason(error: OSError | None) -> str:
    if error is None:
        return "no address"
    return error.strerror or type(error).__name__


def _certificate(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """What TLS says of a certificate, below all that libraries wrap around it."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


class _Guarded(HTTPAdapter):
    def __init__(self, internal: bool, timeout: float, connections: Connections) -> None:
        self._internal, self._timeout, self._connections = internal, timeout, connections
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._internal, self._connections)

    def send(self, request: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        options["timeout"] = options.get("timeout") or self._timeout
        options["proxies"] = None
        return super().send(request, **options)


def _pool_classes(internal: bool, connections: Connections) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connections.add(_open(self, internal))

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _open(self, internal)

        def connect(self) -> None:
            super().connect()  # the time-out is that of all the handshake, so it can't drip
            connections.add(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _open(connection: HTTPConnection, internal: bool) -> socket.socket:
    timeout = connection.timeout
    seconds = float(timeout) if isinstance(timeout, int | float) else 60.0
    return open_socket(connection._dns_host, connection.port, internal, seconds)
