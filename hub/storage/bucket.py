"""One bucket: objects put, fetched and removed, each checked against its SHA-256."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error

from exchange_schemas.errors import (
    Corrupt,
    HubError,
    Misdeclared,
    TargetRefused,
    TargetUnavailable,
)
from exchange_schemas.issue import Issue
from hub.storage.place import Place

PART = 16 << 20  # bytes of the parts in which a large object is put
BLOCK = 1 << 20
CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 60, 2
_PASSING = ("SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout")
_ABSENT = ("NoSuchKey", "NoSuchObject", "ResourceNotFound")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Keys are those below the prefix of the place. Every method raises TargetUnavailable where the storage
    doesn't answer, TargetRefused (storage_denied) and Misdeclared (storage_bucket_missing)."""

    client: Minio
    name: str
    prefix: str

    def put(self, key: str, path: Path, sha256: str) -> None:
        """Put a file; raises Corrupt (storage_wrong) where something else has arrived."""
        with self._telling(key):
            made = self.client.fput_object(self.name, self.prefix + key, str(path), part_size=PART)
        # An ETag is made of MD5s of what arrived; of an encrypting storage it is something else.
        if str(made.etag).strip('"') != _etag(path) and self.sha256(key) != sha256:
            raise Corrupt(Issue("storage_wrong", value=key))

    def write(self, key: str, content: bytes) -> None:
        """Put a small object in the place of what is there."""
        with self._telling(key):
            self.client.put_object(self.name, self.prefix + key, io.BytesIO(content), len(content))

    def read(self, key: str) -> bytes | None:
        """A small object; None where there is none."""
        try:
            return b"".join(self._blocks(key))
        except Corrupt:
            return None

    def fetch(self, key: str, target: Path, sha256: str) -> None:
        """Put an object's bytes at `target`, as a whole or not at all.

        Raises Corrupt: storage_missing, storage_wrong.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-", delete=False) as copy:
            try:
                for block in self._blocks(key):
                    digest.update(block)
                    copy.write(block)
                if digest.hexdigest() != sha256:
                    raise Corrupt(Issue("storage_wrong", value=key))
                copy.flush()
                os.fsync(copy.fileno())
                Path(copy.name).replace(target)
            finally:
                Path(copy.name).unlink(missing_ok=True)

    def has(self, key: str) -> bool:
        """Whether there is such an object."""
        with self._telling(key):
            try:
                self.client.stat_object(self.name, self.prefix + key)
            except S3Error as error:
                if error.code in _ABSENT:
                    return False
                raise
        return True

    def sha256(self, key: str) -> str:
        """The SHA-256 of what is there, read to its end; raises Corrupt (storage_missing)."""
        digest = hashlib.sha256()
        for block in self._blocks(key):
            digest.update(block)
        return digest.hexdigest()

    def keys(self, under: str) -> list[str]:
        """All keys that begin so, in order."""
        with self._telling(under):
            found = self.client.list_objects(self.name, self.prefix + under, recursive=True)
            return [str(one.object_name)[len(self.prefix) :] for one in found]

    def remove(self, keys: Iterable[str]) -> None:
        """Remove objects; one that isn't there is no fault. Raises TargetRefused (storage_denied)."""
        named = [DeleteObject(self.prefix + key) for key in keys]
        with self._telling("DELETE"):
            errors = list(self.client.remove_objects(self.name, named)) if named else []
        for error in errors:
            raise TargetRefused(
                Issue("storage_denied", value="DELETE", params={"reason": str(error.code)})
            )

    def keeps_versions(self) -> bool:
        """Whether what is removed stays there as an old version."""
        with self._telling("versioning"):
            return self.client.get_bucket_versioning(self.name).status == "Enabled"

    def _blocks(self, key: str) -> Iterator[bytes]:
        with self._telling(key):
            answer = self.client.get_object(self.name, self.prefix + key)
            try:
                yield from answer.stream(BLOCK)
            finally:
                answer.close()
                answer.release_conn()

    @contextmanager
    def _telling(self, key: str) -> Iterator[None]:
        """Errors by what to do. Of the server's own words only its code is told: they may repeat a key."""
        try:
            yield
        except S3Error as error:
            raise self._fault(error, key) from None
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            words = {"reason": type(error).__name__}
            raise TargetUnavailable(
                Issue("storage_unreachable", value=key, params=words)
            ) from None

    def _fault(self, error: S3Error, key: str) -> HubError:
        code = str(error.code)
        if code in _ABSENT:
            return Corrupt(Issue("storage_missing", value=key))
        if code == "NoSuchBucket":
            return Misdeclared(Issue("storage_bucket_missing", value=self.name))
        if code in _PASSING:
            return TargetUnavailable(
                Issue("storage_unreachable", value=key, params={"reason": code})
            )
        return TargetRefused(Issue("storage_denied", value=key, params={"reason": code}))


def open_bucket(place: Place) -> Bucket:
    """Nothing is asked of the storage yet."""
    pool = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        retries=urllib3.Retry(total=TRIES, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504)),
    )  # fmt: skip
    try:
        client = Minio(
            place.endpoint,
            access_key=place.access_key,
            secret_key=place.secret_key,
            secure=place.secure,
            http_client=pool,
        )
    except ValueError as error:
        words = {"reason": "https://host:port"}
        raise Misdeclared(
            Issue(
                "storage_setting", field="HUB_STORAGE_ENDPOINT", value=place.endpoint, params=words
            )
        ) from error
    return Bucket(client, place.bucket, place.prefix)


def _etag(path: Path) -> str:
    """The ETag that storage gives a file that is put in parts of `PART` bytes."""
    digests = []
    with path.open("rb") as file:
        while block := file.read(PART):
            digests.append(hashlib.md5(block, usedforsecurity=False).digest())
    if len(digests) <= 1:
        return (digests or [hashlib.md5(b"", usedforsecurity=False).digest()])[0].hex()
    whole = hashlib.md5(b"".join(digests), usedforsecurity=False).hexdigest()
    return f"{whole}-{len(digests)}"
