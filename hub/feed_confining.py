"""What a feed may not do that was declared in the console, where whoever writes it isn't who runs the hub.

It takes files that people hand in, or asks public addresses. It reads no file of the server, starts no
program, opens no database, is told no variable of the environment, and reaches no address inside the
city's network. Whoever runs the hub lets a feed do more by moving its file out of `feeds/console/`; then
the console doesn't change it any more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from adapters.environment import texts_in
from adapters.feed import Feed
from adapters.pull import INTERNAL
from exchange_schemas.issue import Issue

FOLDER = "console"  # in the site's feeds/

#: Kinds of sources that go through the checked way to the network (`adapters.network`) and read nothing
#: else. Kinds that packages publish are unknown here, and so closed.
OPEN_KINDS = ("upload", "http", "api", "ckan", "pages")

_REFERENCE = re.compile(r"\$\{([^}]*)\}?")


def folder_of(site_feeds: Path) -> Path:
    """Where declarations from the console lie."""
    return site_feeds.resolve() / FOLDER


def is_of_console(site_feeds: Path, feed: Feed) -> bool:
    """Whether the feed was declared in the console."""
    return feed.path.is_relative_to(folder_of(site_feeds))


def confined(feed: Feed) -> Iterator[Issue]:
    """Everything in the declaration that a feed of the console may not have."""
    source = feed.source
    if source.kind not in OPEN_KINDS:
        known = {"known": ", ".join(OPEN_KINDS)}
        yield Issue("feed_source_closed", value=source.kind, params=known)
    names = {name for text in texts_in(source.options) for name in _REFERENCE.findall(text)}
    for name in sorted(names):
        yield Issue("feed_secret_closed", value=name)
    if feed.name in os.environ.get(INTERNAL, "").split(","):
        yield Issue("feed_internal_closed", value=feed.name)
