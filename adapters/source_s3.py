"""Source: files in storage that speaks S3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3
from minio import Minio
from minio.datatypes import Object
from minio.error import MinioException, S3Error

from adapters.network import asking, pool
from adapters.remote_files import BLOCK, FILES_OPTIONS, Entry, pull_files, split
from adapters.source import SECRET, Ask, Part
from exchange_schemas.errors import (
    Misdeclared,
    SourceFaltering,
    SourceUnavailable,
    SourceUnreadable,
)
from exchange_schemas.issue import Issue

_TEXT = {"type": "string", "minLength": 1}


class S3Source:
    """`endpoint` is host and port; `path` the key in the bucket, with wildcards after its last slash.

    `take` and `by` as for files over SFTP: the last one, all, or those that are new.
    """

    format: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = {
        "required": ["endpoint", "bucket", "path", "access_key", "secret_key"],
        "properties": {
            "endpoint": _TEXT,
            "bucket": _TEXT,
            "region": _TEXT,
            "secure": {"type": "boolean"},
            "access_key": SECRET,
            "secret_key": SECRET,
            **{name: FILES_OPTIONS[name] for name in ("path", "take", "by")},
        },
    }

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The objects; raises as `pull_files`, and SourceUnreadable (storage_refused,
        bucket_missing)."""
        place = f"{ask.options['endpoint']}/{ask.options['bucket']}"
        yield from pull_files(ask, "s3", place, lambda: _connect(ask, place))


def _connect(ask: Ask, place: str) -> Bucket:
    told = ask.options
    folder = split(told["path"])[0].strip("/")
    try:
        client = Minio(
            str(told["endpoint"]),
            access_key=str(told["access_key"]),
            secret_key=str(told["secret_key"]),
            region=str(told.get("region", "us-east-1")),
            secure=bool(told.get("secure", True)),
            http_client=pool(ask),
        )
    except ValueError as error:
        raise Misdeclared(Issue("http_url", value=str(told["endpoint"]))) from error
    return Bucket(client, str(told["bucket"]), f"{folder}/" if folder else "", place)


@dataclass(slots=True)
class Bucket:
    """A `Remote` over S3: the objects under a prefix, those below a further slash left out."""

    client: Minio
    bucket: str
    prefix: str
    place: str

    def entries(self) -> Iterable[Entry]:
        """Every object directly under the prefix."""
        with self._telling(self.prefix):
            found = self.client.list_objects(self.bucket, prefix=self.prefix)
            skip = len(self.prefix)
            return [_entry(str(one.object_name)[skip:], one) for one in found if not one.is_dir]

    def look(self, name: str) -> Entry:
        """One object as it is now."""
        with self._telling(name):
            try:
                return _entry(name, self.client.stat_object(self.bucket, self.prefix + name))
            except S3Error as error:
                # asking for an object doesn't tell; and keys that read needn't be let to ask for more
                if error.code == "NoSuchKey" and not self.client.bucket_exists(self.bucket):
                    raise SourceUnreadable(Issue("bucket_missing", value=self.bucket)) from error
                raise

    def blocks(self, name: str, size: int) -> Iterator[bytes]:
        """The object's bytes; `pull_files` sees whether they are as many as they should be."""
        with self._telling(name):
            answer = self.client.get_object(self.bucket, self.prefix + name)
            try:
                yield from answer.stream(BLOCK)
            finally:
                answer.close()
                answer.release_conn()

    def close(self) -> None:
        """Nothing: each call is a connection of its own."""

    @contextmanager
    def _telling(self, name: str) -> Iterator[None]:
        """Errors by what to do; the server's own words may repeat a key, so only its code is told."""
        where = f"s3://{self.place}/{name}"
        with asking(where):
            try:
                yield
            except ValueError as error:  # a name that no bucket can have
                raise Misdeclared(Issue("bucket_missing", value=self.bucket)) from error
            except S3Error as error:
                raise _fault(error, where, self.bucket) from None
            except MinioException as error:
                raise urllib3.exceptions.HTTPError(type(error).__name__) from None


def _entry(name: str, told: Object) -> Entry:
    changed = told.last_modified.timestamp() if told.last_modified else 0.0
    return Entry(name, int(told.size or 0), changed, (told.etag or "").strip('"'))


def _fault(error: S3Error, where: str, bucket: str) -> Exception:
    code = str(error.code)
    if code in ("NoSuchKey", "NoSuchObject", "ResourceNotFound"):
        return SourceUnavailable(Issue("file_missing", value=where))
    if code == "NoSuchBucket":
        return SourceUnreadable(Issue("bucket_missing", value=bucket))
    if code in ("SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout"):
        words = {"reason": code}
        return SourceFaltering(Issue("source_unreachable", value=where, params=words))
    return SourceUnreadable(Issue("storage_refused", value=where, params={"reason": code}))
