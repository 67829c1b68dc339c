"""Where objects are kept, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

URL, ENDPOINT = "HUB_STORAGE_URL", "HUB_STORAGE_ENDPOINT"
ACCESS_KEY, SECRET_KEY = "HUB_STORAGE_ACCESS_KEY", "HUB_STORAGE_SECRET_KEY"


@dataclass(frozen=True, slots=True)
class Place:
    """`endpoint` is host and port, `prefix` "" or ends in a slash."""

    endpoint: str
    secure: bool
    bucket: str
    prefix: str
    access_key: str
    secret_key: str = field(repr=False)


def place_of(environment: Mapping[str, str] = os.environ) -> Place | None:
    """What is set; None where nothing is. Raises Misdeclared (storage_setting)."""
    url = environment.get(URL, "").strip()
    if not url:
        return None
    told = urlsplit(url)
    if told.scheme != "s3" or not told.netloc or told.query or told.fragment or "@" in told.netloc:
        raise _wrong(URL, url, "s3://bucket or s3://bucket/prefix")
    prefix = told.path.strip("/")
    endpoint = environment.get(ENDPOINT, "").strip()
    server = urlsplit(endpoint)
    if server.scheme not in ("http", "https") or not server.netloc or server.path.strip("/"):
        raise _wrong(ENDPOINT, endpoint, "https://host or https://host:port")
    keys = []
    for name in (ACCESS_KEY, SECRET_KEY):
        keys.append(environment.get(name, "").strip())
        if not keys[-1]:
            raise _wrong(name, "-", "a key")
    folder = f"{prefix}/" if prefix else ""
    return Place(server.netloc, server.scheme == "https", told.netloc, folder, *keys)


def _wrong(name: str, value: str, expected: str) -> Misdeclared:
    return Misdeclared(
        Issue("storage_setting", field=name, value=value, params={"reason": expected})
    )
