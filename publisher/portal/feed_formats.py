"""Atom 1.0 (RFC 4287) with tombstones (RFC 6721), and RSS 2.0: how entries become a feed.

Whatever a text has in it stays a text: readers that take a title or summary for HTML show the same
characters. The XML is written by feedgenerator, which is Django's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from feedgenerator import Atom1Feed, Rss201rev2Feed
from feedgenerator.django.utils.feedgenerator import rfc3339_date

ATOM, RSS = "atom", "rss"
TYPES = {ATOM: "application/atom+xml", RSS: "application/rss+xml"}
_DELETED = "http://purl.org/atompub/tombstones/1.0"
_MARKUP = str.maketrans({"<": "＜", ">": "＞", "&": "＆"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A record in a feed: `name` is its tag URI, `address` its page, `category` its dataset."""

    name: str
    title: str
    address: str
    summary: str
    published: datetime
    updated: datetime
    category: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record that isn't public any more: which, since when and why; nothing of its party."""

    name: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Feed:
    """`name` is the feed's tag URI, `address` the page it belongs to, `own` the feed's own."""

    name: str
    title: str
    description: str
    address: str
    own: str
    language: str
    author: str
    rights: str
    updated: datetime
    entries: Sequence[Entry]
    tombstones: Sequence[Tombstone] = ()


class _Dated:
    """Says when it was changed last, instead of taking the time of day for it."""

    feed: dict[str, Any]

    def latest_post_date(self) -> datetime:
        updated: datetime = self.feed["updated"]
        return updated


class _Atom(_Dated, Atom1Feed):
    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:at": _DELETED}

    def write_items(self, handler: Any) -> None:
        super().write_items(handler)
        for gone in self.feed["tombstones"]:
            told = {"ref": gone.name, "when": rfc3339_date(gone.at)}
            handler.startElement("at:deleted-entry", told)
            handler.addQuickElement("at:comment", gone.why)
            handler.endElement("at:deleted-entry")


class _Rss(_Dated, Rss201rev2Feed):
    pass


def written(feed: Feed, syntax: str) -> bytes:
    """The feed as UTF-8; `syntax` is ATOM or RSS. RSS has no way to tell of tombstones."""
    rss = syntax == RSS
    made = (_Rss if rss else _Atom)(
        title=_title(feed.title, rss),
        link=feed.address,
        description=_title(feed.description, rss),
        language=feed.language,
        author_name=feed.author,
        feed_url=feed.own,
        feed_guid=feed.name,
        feed_copyright=feed.rights or None,
        updated=feed.updated,
        tombstones=feed.tombstones,
    )
    for entry in feed.entries:
        made.add_item(
            title=_title(entry.title, rss),
            link=entry.address,
            description=escape(_plain(entry.summary)),  # both formats say that it is HTML
            pubdate=entry.published,
            updateddate=entry.updated,
            unique_id=entry.name,
            unique_id_is_permalink=False,
            categories=(_plain(entry.category),),
        )
    return str(made.writeString("utf-8")).encode()


def _title(text: str, rss: bool) -> str:
    """RSS doesn't say whether a title is text or HTML, so it gets none of the signs of markup."""
    return _plain(text).translate(_MARKUP) if rss else _plain(text)


def _plain(text: str) -> str:
    """Without characters that XML 1.0 doesn't have."""
    return "".join(one for one in text if one in "\t\n\r" or _in_xml(ord(one)))


def _in_xml(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
