"""Subscriptions as readers ask for them: put into a folder for the hub to fetch.

The portal knows no database and no secret. What a reader asks for is one small file, whole from the
moment it is there, that only its owner may read: `<folder>/<number>.json`.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from publisher.disk import full_disk_refused, sync
from publisher.evidence import owner_only
from publisher.manifest import now

ACTS = (SUBSCRIBE, CONFIRM, LEAVE, LIST) = ("subscribe", "confirm", "leave", "list")
WAYS = (EMAIL, WEBHOOK) = ("email", "webhook")
LONGEST = 254  # characters of an address
MOST_WAITING = 10_000
FREE_BYTES = 500_000_000
_LEFT_SECONDS = 3600
_COMING = ".coming-"
_NUMBER = re.compile(r"[0-9]{14}-[0-9a-f]{16}", re.ASCII)
# One mailbox: no list, no comment, nothing that a mail program could read as more than an address.
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&*+/=?^_{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")


@dataclass(frozen=True, slots=True)
class Topic:
    """What is subscribed to: a dataset, a company by its code, or a search; None: of any.

    `words` and the filters are those of the search page.
    """

    dataset: str | None = None
    code: str | None = None
    words: str | None = None
    department: str | None = None
    county: str | None = None
    kind: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it is all of a dataset."""
        return self == Topic(dataset=self.dataset) and self.dataset is not None

    def as_text(self) -> str:
        """The topic as it is kept and compared: JSON of what it says."""
        told = {name: value for name, value in asdict(self).items() if value}
        return json.dumps(told, ensure_ascii=False, sort_keys=True)


def read_topic(text: str) -> Topic:
    """A topic as `as_text` wrote it; raises ValueError, TypeError."""
    told = json.loads(text)
    if not isinstance(told, dict) or not all(isinstance(one, str) for one in told.values()):
        raise TypeError("a topic has texts only")
    return Topic(**told)


@dataclass(frozen=True, slots=True)
class Wish:
    """What one reader asks for: to subscribe, to confirm or leave by a signed link, or for a list.

    `number` and `asked_at` are set when it is dropped.
    """

    act: str
    way: str = ""
    address: str = ""
    topic: Topic = Topic()
    language: str = "zh_CN"
    link: str = ""
    number: str = ""
    asked_at: str = ""


@dataclass(frozen=True, slots=True)
class WishFolder:
    """The folder that wishes are put into. It is made when the first one comes."""

    path: Path
    most: int = MOST_WAITING
    free: int = FREE_BYTES

    def drop(self, wish: Wish) -> str:
        """Keep a wish; returns its number. Raises Refused (subscriptions_full, disk_full)."""
        number = time.strftime("%Y%m%d%H%M%S") + "-" + secrets.token_hex(8)
        told = asdict(replace(wish, number=number, asked_at=now()))
        with full_disk_refused(self.path.name):
            self._make_room()
            coming = self.path / f"{_COMING}{number}"
            with owner_only(coming) as file:
                file.write(json.dumps(told, ensure_ascii=False).encode())
                file.flush()
                os.fsync(file.fileno())
            coming.rename(self.path / f"{number}.json")
            sync(self.path)
        return number

    def waiting(self) -> list[str]:
        """The numbers of the wishes that are here, oldest first."""
        found = self.path.glob("*.json") if self.path.is_dir() else iter(())
        return sorted(path.stem for path in found if _NUMBER.fullmatch(path.stem))

    def read(self, number: str) -> Wish:
        """One wish; raises Corrupt (subscription_unreadable)."""
        try:
            told: dict[str, Any] = json.loads((self.path / f"{number}.json").read_bytes())
            topic = Topic(**told.pop("topic"))
            wish = Wish(**told, topic=topic)
            check(wish)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            words = {"reason": type(error).__name__}
            raise Corrupt(Issue("subscription_unreadable", value=number, params=words)) from error
        return wish

    def remove(self, number: str) -> None:
        """A wish that was dealt with; what it says of a person goes with it."""
        (self.path / f"{number}.json").unlink(missing_ok=True)

    def _make_room(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.path.glob(f"{_COMING}*"):
            if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                left.unlink(missing_ok=True)
        reason = None
        if len(self.waiting()) >= self.most:
            reason = f"{self.most} wait"
        elif shutil.disk_usage(self.path).free < self.free:
            reason = "the disk is nearly full"
        if reason is not None:
            words = {"reason": reason}
            raise Refused(Issue("subscriptions_full", value=self.path.name, params=words))


def check(wish: Wish) -> None:
    """Raises ValueError, TypeError for what the portal can't have written."""
    texts = [wish.act, wish.way, wish.address, wish.language, wish.link, wish.asked_at]
    values = [value for value in asdict(wish.topic).values() if value is not None]
    if not all(isinstance(one, str) for one in (*texts, *values)):
        raise TypeError("a member is no text")
    if wish.act not in ACTS or wish.language not in ("zh_CN", "en"):
        raise ValueError("the act or the language isn't known")
    if wish.act == SUBSCRIBE and (wish.topic == Topic() or not good_address(wish)):
        raise ValueError("no topic, or no address")


def good_address(wish: Wish) -> bool:
    """Whether the address is one that the way can use."""
    text = wish.address
    if len(text) > LONGEST:
        return False
    return bool(_EMAIL.fullmatch(text)) if wish.way == EMAIL else _is_url(text)


def is_email(text: str) -> bool:
    """Whether `text` is one mailbox."""
    return len(text) <= LONGEST and _EMAIL.fullmatch(text) is not None


def _is_url(text: str) -> bool:
    """An address of the web without a user in it, and with nothing that two readers read otherwise."""
    try:
        told = urlsplit(text)
        good = told.scheme in ("https", "http") and bool(told.hostname) and told.port != 0
    except ValueError:
        return False
    return (
        good and told.username is None and not re.search(r"[\s\\<>\"'`{}|^#]|[^\x21-\x7e]", text)
    )


def topic_words(topic: Topic, titles: Mapping[str, str]) -> str:
    """What a topic is called; `titles` are those of datasets."""
    told = {name: value for name, value in asdict(topic).items() if value}
    if "dataset" in told:
        told["dataset"] = titles.get(told["dataset"], told["dataset"])
    return " · ".join(told.values())
