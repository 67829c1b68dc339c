"""Storage that speaks S3, empty for each test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from minio import Minio

from hub.storage.bucket import Bucket, open_bucket
from hub.storage.place import place_of
from tests.services.s3_server import s3_server

KEYS = {"access_key": "AKIAEXAMPLE", "secret_key": "geheim-s3"}


@dataclass(frozen=True)
class Storage:
    """A bucket as the hub sees it, and as its owner does."""

    bucket: Bucket
    owner: Minio
    name: str

    def objects(self) -> list[str]:
        """Every object, whoever put it."""
        found = self.owner.list_objects(self.name, recursive=True)
        return [str(one.object_name) for one in found]

    def damage(self, key: str, content: bytes = b"something else") -> None:
        """Put other bytes in the place of an object."""
        self.bucket.write(key, content)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Host and port of a storage."""
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def storage(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Storage:
    """An empty bucket, set for this process and those that it starts."""
    name = f"hub-{uuid4().hex[:12]}"
    owner = Minio(s3_endpoint, **KEYS, secure=False, region="us-east-1")
    owner.make_bucket(name)
    set_storage(monkeypatch, s3_endpoint, name)
    place = place_of()
    assert place is not None
    return Storage(open_bucket(place), owner, name)


def set_storage(monkeypatch: pytest.MonkeyPatch, endpoint: str, name: str) -> None:
    """The settings of a bucket at `endpoint`."""
    monkeypatch.setenv("HUB_STORAGE_URL", f"s3://{name}/city")
    monkeypatch.setenv("HUB_STORAGE_ENDPOINT", f"http://{endpoint}")
    monkeypatch.setenv("HUB_STORAGE_ACCESS_KEY", KEYS["access_key"])
    monkeypatch.setenv("HUB_STORAGE_SECRET_KEY", KEYS["secret_key"])
