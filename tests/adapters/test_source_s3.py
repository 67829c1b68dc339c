"""Objects in storage that speaks S3."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
import stamina
from minio import Minio

from adapters.limits import Limits
from adapters.source_s3 import S3Source
from exchange_schemas.errors import HubError, SourceFaltering, SourceUnavailable, SourceUnreadable
from tests.adapters.fetching import fetch
from tests.services.s3_server import s3_server
from tests.services.server import free_port

KEYS = {"access_key": "AKIAEXAMPLE", "secret_key": "geheim-s3"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3_server() as running:
        client = Minio(running, **KEYS, secure=False, region="us-east-1")
        client.make_bucket("bureau")
        for name in (
            "out/登记_1.csv",
            "out/登记_2.csv",
            "out/登记_3.csv.tmp",
            "out/deeper/登记_9.csv",
            "x.csv",
        ):
            data = name.encode()
            client.put_object("bureau", name, io.BytesIO(data), len(data))
        yield running


@pytest.fixture(autouse=True)
def _quickly() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


def get(
    endpoint: str, path: str, cursor: str | None = None, **told: Any
) -> list[tuple[str, str, str | None]]:
    plain = {"endpoint": endpoint, "bucket": "bureau", "secure": False, "path": path, **KEYS}
    found = fetch(S3Source(), cursor=cursor, **{**plain, **told})
    return [(part.name, body.decode(), part.cursor) for part, body in found]


def test_one_object_the_last_and_all(endpoint: str) -> None:
    assert get(endpoint, "x.csv") == [("x.csv", "x.csv", None)]
    assert get(endpoint, "out/登记_*") == [("登记_2.csv", "out/登记_2.csv", None)]
    both = get(endpoint, "out/登记_*", take="all")
    assert [name for name, _, _ in both] == ["登记_1.csv", "登记_2.csv"]


def test_only_what_is_new(endpoint: str) -> None:
    *_, (_, _, cursor) = get(endpoint, "out/登记_*", take="new")
    assert get(endpoint, "out/登记_*", cursor, take="new") == []
    client = Minio(endpoint, **KEYS, secure=False, region="us-east-1")
    client.put_object("bureau", "out/登记_4.csv", io.BytesIO(b"new"), 3)
    (new,) = get(endpoint, "out/登记_*", cursor, take="new")
    assert new[:2] == ("登记_4.csv", "new")
    client.remove_object("bureau", "out/登记_4.csv")


def refusal(endpoint: str, path: str = "x.csv", **told: Any) -> HubError:
    with pytest.raises(HubError) as caught:
        get(endpoint, path, **told)
    assert "geheim" not in caught.value.issue.message("en")
    return caught.value


def test_what_is_not_there(endpoint: str) -> None:
    assert isinstance(refusal(endpoint, "none.csv"), SourceUnavailable)
    assert isinstance(refusal(endpoint, "none_*.csv"), SourceUnavailable)
    for path in ("out/*", "x.csv"):
        assert refusal(endpoint, path, bucket="nobodys").issue.code == "bucket_missing"
    assert refusal(endpoint, bucket="No Bucket!").issue.code == "bucket_missing"


def test_nobody_listens() -> None:
    error = refusal(f"127.0.0.1:{free_port()}")
    assert isinstance(error, SourceFaltering)


def test_an_object_that_is_too_large(endpoint: str) -> None:
    told = {"endpoint": endpoint, "bucket": "bureau", "secure": False, "path": "x.csv", **KEYS}
    with pytest.raises(SourceUnreadable) as caught:
        fetch(S3Source(), Limits(bytes=2), **told)
    assert caught.value.issue.code == "delivery_too_large"
