"""Calls of a CKAN's actions, each with a time-out, each failure of a type.

With `adapters.source_ckan` the only user of ckanapi. A call that may pass on its own is tried again
where doing it twice is doing it once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ckanapi
import requests
import stamina
import urllib3
from ckanapi.errors import CKANAPIError, SearchError, SearchIndexError, ServerIncompatibleError

from exchange_schemas.errors import TargetUnavailable
from publisher.ckan.failures import (
    Absent,
    Busy,
    Conflict,
    Denied,
    IndexDown,
    Slow,
    Strange,
    TooLarge,
    Unreachable,
    failure,
    of_status,
)
from publisher.ckan.target import CkanTarget

AGENT = "exchange-hub (publisher)"
CONNECT_SECONDS = 10.0
ANSWER = 256 << 20  # bytes of an answer that is read into memory
BLOCK = 1 << 16
TRIES = 3
PASSING = (Unreachable, Busy)  # what may be over in a second; the rest is for later
_TYPES = {
    ckanapi.NotFound: Absent,
    ckanapi.NotAuthorized: Denied,
    ckanapi.ValidationError: Conflict,
    SearchIndexError: IndexDown,
    SearchError: IndexDown,
}


@dataclass(slots=True)
class Client:
    """One CKAN, asked with the target's token. Its certificate is checked, by `ca` where given."""

    target: CkanTarget
    _session: requests.Session = field(init=False)
    _remote: ckanapi.RemoteCKAN = field(init=False)
    _status: int = 0
    _until: float = 0.0
    calls: int = 0

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False  # no token to a proxy, none from a .netrc
        self._session.verify = self.target.ca or True
        self._remote = ckanapi.RemoteCKAN(
            self.target.url, apikey=self.target.token, user_agent=AGENT, session=self._session
        )

    def call(self, action: str, /, **told: Any) -> Any:
        """What an action gives; only for those that may be done twice.

        Raises the classes of `failures`.
        """
        for attempt in stamina.retry_context(on=PASSING, attempts=TRIES, timeout=None):
            with attempt:
                return self.once(action, **told)
        raise AssertionError("stamina raises what the last attempt raised")

    def once(self, action: str, /, **told: Any) -> Any:
        """As `call`, for what must not be done twice: it isn't tried again."""
        return self._send(action, told, None)

    def upload(self, action: str, path: Path, name: str, /, **told: str) -> dict[str, Any]:
        """As `once`, with a file; CKAN takes only texts beside it."""
        with path.open("rb") as file:
            return dict(self._send(action, told, {"upload": (name, file)}))

    def _send(self, action: str, told: Mapping[str, Any], files: Any) -> Any:
        self.calls += 1
        with self._asking(action):
            return self._remote.call_action(
                action, dict(told), files=files, requests_kwargs=self._limits()
            )

    def sha256(self, path: str) -> tuple[str, int]:
        """Hex SHA-256 and length of what stands at a path of this CKAN; raises as `call`.

        What CKAN calls a file's address is on the host that its own settings name, which needn't be
        the one that it is reached at, and isn't told the token.
        """
        for attempt in stamina.retry_context(on=PASSING, attempts=TRIES, timeout=None):
            with attempt:
                return self._download(f"{self.target.url}/{path}")
        raise AssertionError("stamina raises what the last attempt raised")

    def _download(self, url: str) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        self.calls += 1
        headers = {"Authorization": self.target.token, "User-Agent": AGENT}
        with self._asking("download"):
            limits = {"timeout": self._limits()["timeout"], "stream": True}
            with self._session.get(url, headers=headers, allow_redirects=False, **limits) as got:
                self._status = got.status_code
                if got.status_code != 200:
                    raise CKANAPIError
                for block in self._blocks(got):
                    digest.update(block)
                    size += len(block)
        return digest.hexdigest(), size

    def _limits(self) -> dict[str, Any]:
        seconds = self.target.seconds
        self._until = time.monotonic() + seconds
        return {
            "timeout": (min(CONNECT_SECONDS, seconds), seconds),
            "stream": True,
            "hooks": {"response": self._read},
        }

    def _read(self, response: requests.Response, **_: Any) -> None:
        """Reads an answer for ckanapi, which by itself takes any size and any time."""
        self._status = response.status_code
        parts, size = [], 0
        for block in self._blocks(response):
            parts.append(block)
            size += len(block)
            if size > ANSWER:
                raise ServerIncompatibleError
        response._content = b"".join(parts)
        response.encoding = "utf-8"
        response.close()

    def _blocks(self, response: requests.Response) -> Iterator[bytes]:
        """As they come, so that a server that says a byte now and then is found to be slow."""
        while block := response.raw.read1(BLOCK, decode_content=True):
            if time.monotonic() > self._until:
                raise requests.Timeout
            yield block

    @contextmanager
    def _asking(self, action: str) -> Iterator[None]:
        """Every way in which a call may fail, as a class of `failures`."""
        address, self._status = self.target.url, 0
        try:
            yield
        except (requests.Timeout, urllib3.exceptions.ReadTimeoutError) as error:
            raise failure(Slow, address, action) from error
        except requests.exceptions.SSLError as error:
            raise failure(Strange, address, action) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise failure(_broken(error), address, action) from error
        except tuple(_TYPES) as error:
            fields = getattr(error, "error_dict", {})
            names = [n for n in fields if n != "__type"] if isinstance(fields, dict) else []
            # a file beyond `ckan.max_resource_size` isn't taken as 413
            kind = TooLarge if names == ["upload"] else _TYPES[type(error)]
            raise failure(kind, address, action, self._status, names) from None
        except (CKANAPIError, ServerIncompatibleError, TypeError, KeyError, ValueError):
            if not self._status:
                raise
            # not `from error`: its text has the whole answer
            raise failure(of_status(self._status), address, action, self._status) from None


def _broken(error: Exception) -> type[TargetUnavailable]:
    return Slow if "timed out" in str(error).lower() else Unreachable
