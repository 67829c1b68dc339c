"""What parties and readers drop on a public portal, handed over to the hub through the storage.

Each is one object, whole or not there. The portal keeps nothing of it but that a number was filed; the hub
takes it into the folders in which it finds what its own portal drops.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
from pathlib import Path

from hub.storage.bucket import Bucket
from publisher.disk import sync, write_synced
from publisher.filing_number import is_number
from publisher.filings import ASIDE, FILING, DropFolder
from publisher.subscribing import WishFolder

FILINGS, WISHES = "drops/filings/", "drops/subscriptions/"


def hand_over(bucket: Bucket, filings: Path, subscriptions: Path) -> int:
    """From a portal's folders into the storage; returns how many."""
    numbers, wishes = DropFolder(filings).waiting(), WishFolder(subscriptions)
    for number in numbers:
        with tempfile.NamedTemporaryFile(dir=filings, prefix=".coming-tar-") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                tar.add(filings / number, arcname=number)
            file.flush()
            _put(bucket, FILINGS + number, Path(file.name))
        _forget(filings, number)
    asked = wishes.waiting()
    for number in asked:
        _put(bucket, WISHES + number, subscriptions / f"{number}.json")
        wishes.remove(number)
    return len(numbers) + len(asked)


def take_over(bucket: Bucket, filings: Path, subscriptions: Path) -> int:
    """From the storage into the hub's folders; returns how many. Who dies on the way finds the object again,
    and what it says isn't taken twice."""
    found = 0
    for key in bucket.keys(FILINGS):
        number, digest = key[len(FILINGS) :].split("@")
        if is_number(number) and not DropFolder(filings).has(number):
            _unpack(bucket, key, filings, number, digest)
            found += 1
        bucket.remove([key])
    for key in bucket.keys(WISHES):
        number, digest = key[len(WISHES) :].split("@")
        subscriptions.mkdir(mode=0o700, parents=True, exist_ok=True)
        bucket.fetch(key, subscriptions / f"{Path(number).name}.json", digest)
        bucket.remove([key])
        found += 1
    return found


def _put(bucket: Bucket, key: str, path: Path) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    bucket.put(f"{key}@{digest}", path, digest)


def _forget(filings: Path, number: str) -> None:
    """Keep of a filing that it was filed, so that its page says so, and nothing of what it says."""
    note = filings / ASIDE[0] / number
    note.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_synced(note / FILING, b"{}")
    shutil.rmtree(filings / number)
    sync(filings)


def _unpack(bucket: Bucket, key: str, filings: Path, number: str, digest: str) -> None:
    filings.mkdir(mode=0o700, parents=True, exist_ok=True)
    coming = filings / f".coming-{number}"
    shutil.rmtree(coming, ignore_errors=True)
    coming.mkdir(mode=0o700)
    try:
        bucket.fetch(key, coming / "tar", digest)
        with tarfile.open(coming / "tar") as tar:
            tar.extractall(coming, filter="data")
        (coming / number).rename(filings / number)
        sync(filings)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
