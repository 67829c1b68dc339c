"""Objects in storage that speaks S3."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import Any

import pytest
import stamina
from minio import Minio

from adapters.limits import Limits
from adapters.source_s3 import Bucket, S3Source
from exchange_schemas.errors import HubError, SourceFaltering, SourceUnavailable, SourceUnreadable
from tests.adapters.fetching import fetch
from tests.services.cutting_proxy import cutting_proxy
from tests.services.s3_server import looking_at_keys, make_reader, s3_server
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


def put(endpoint: str, name: str, data: bytes) -> None:
    client = Minio(endpoint, **KEYS, secure=False, region="us-east-1")
    client.put_object("bureau", name, io.BytesIO(data), len(data))


def test_what_the_storage_says_of_an_object(endpoint: str) -> None:
    told = {"endpoint": endpoint, "bucket": "bureau", "secure": False, "path": "x.csv", **KEYS}
    ((part, body),) = fetch(S3Source(), **told)
    assert part.headers["ETag"] == hashlib.md5(body, usedforsecurity=False).hexdigest()
    assert part.headers["Last-Modified"].endswith("+00:00")


def test_keys_that_may_only_read_objects_are_enough_for_one(endpoint: str) -> None:
    reads = make_reader(endpoint, "bureau", "s3:GetObject")
    lists = make_reader(endpoint, "bureau", "s3:GetObject", "s3:ListBucket")
    with looking_at_keys():
        assert get(endpoint, "x.csv", **reads) == [("x.csv", "x.csv", None)]
        assert refusal(endpoint, "out/*", **reads).issue.code == "storage_refused"
        assert get(endpoint, "out/登记_*", **lists) == [("登记_2.csv", "out/登记_2.csv", None)]


def test_wrong_keys(endpoint: str) -> None:
    right = make_reader(endpoint, "bureau", "s3:GetObject", "s3:List*")
    with looking_at_keys():
        for wrong in ({"secret_key": "geheim-falsch"}, {"access_key": "AKIANOBODY"}):
            for path in ("x.csv", "out/*"):
                error = refusal(endpoint, path, **right | wrong)
                assert isinstance(error, SourceUnreadable)
                assert error.issue.code == "storage_refused"
                assert right["secret_key"] not in repr(error.issue)


def test_a_line_that_breaks_gives_the_object_whole_or_not_at_all(endpoint: str) -> None:
    put(endpoint, "large.csv", b"a" * 700_000)
    with cutting_proxy(int(endpoint.rpartition(":")[2])) as line:
        place = f"127.0.0.1:{line.port}"
        for cuts, left in enumerate((0, 100, 600, 3_000, 400_000, 700_000), 1):
            line.left = left
            ((_, body, _),) = get(place, "large.csv")
            assert body == "a" * 700_000
            assert line.cuts == cuts
        line.left, line.again = 400_000, True
        assert isinstance(refusal(place, "large.csv"), SourceFaltering)


def test_an_object_of_the_same_size_is_read_anew(
    endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(endpoint, "changing.csv", b"first")
    plain, left = Bucket.blocks, ["other"]

    def blocks(self: Bucket, name: str, size: int) -> Iterator[bytes]:
        yield from plain(self, name, size)
        if left:  # within the same second, so only its ETag tells
            put(endpoint, name, left.pop().encode())

    monkeypatch.setattr(Bucket, "blocks", blocks)
    assert get(endpoint, "changing.csv") == [("changing.csv", "other", None)]
