"""How much a source may give, and how long it may take, before a run stops."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """`bytes` of one delivery as it comes, `unpacked` bytes of one that is packed.

    `ratio` is how many times larger than packed it may get once it is over 64 MB: deflate and xz
    reach 1,000 and more with rows that a bomb has and records haven't. `members` of an archive,
    `redirects` of one request, `pages` of one pull, `request_seconds` for one request, `seconds` for
    all of a pull. `child_bytes` is the memory, `child_seconds` the time until the next batch, that a
    format's parser in a child may take.
    """

    bytes: int = 4 << 30
    unpacked: int = 32 << 30
    ratio: int = 250
    members: int = 10_000
    redirects: int = 5
    pages: int = 100_000
    request_seconds: int = 60
    seconds: int = 6 * 3600
    child_bytes: int = 1 << 30
    child_seconds: int = 120


def limits_from_environment() -> Limits:
    """The limits, each of which `HUB_LIMIT_<NAME>` may set: `HUB_LIMIT_BYTES=1000000`."""
    given = {f.name: os.environ.get(f"HUB_LIMIT_{f.name.upper()}") for f in fields(Limits)}
    return Limits(**{name: int(value) for name, value in given.items() if value})
