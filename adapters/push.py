"""One POST to an address that a stranger gave: guarded, bounded, and not repeated here.

The address is checked as those of sources are (`network`): nothing inside the city's network is
reached by it. No redirect is followed, and only the beginning of an answer is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.limits import Limits
from adapters.network import asking, session
from adapters.source import Ask

SECONDS = 10  # for all of a request
HEAD = 1 << 14  # bytes of an answer that are read


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the receiver answered: HTTP status and the first bytes of the body."""

    status: int
    body: bytes


def push(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    internal: bool,
    seconds: float = SECONDS,
    most: int = HEAD,
) -> Pushed:
    """The answer to `body`, whatever its status, and at most `most` bytes of its body.

    Raises SourceFaltering and SourceUnavailable for what may pass, SourceUnreadable and Misdeclared
    (address_refused) for what won't. `internal`: the address needn't be public.
    """
    limits = replace(Limits(), request_seconds=int(seconds), redirects=0)
    asked = session(Ask({}, Path(), internal=internal, limits=limits))
    with asked, asking(url), asked.connections.until(seconds, url.partition("?")[0]):
        made = asked.post(
            url, data=body, headers=dict(headers), stream=True, allow_redirects=False
        )
        with made:
            return Pushed(made.status_code, made.raw.read(most, decode_content=False))
