"""What a source is: code that fetches a department's delivery as it really is, byte for byte.

A source knows nothing of formats or standards. It is asked with `Ask` and answers with `Part`s;
`adapters.pull` keeps them. `docs/write-an-adapter.md` shows how to publish one of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from adapters.limits import Limits

#: JSON Schema of an option that is a secret: only a reference to an environment variable.
SECRET: Mapping[str, Any] = {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"}

ROWS, KEYS = "rows", "keys"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a delivery.

    `name` is a file name, its suffix says what it is; `blocks` its bytes. `origin` is where it came
    from (a URL, a path, a query), `headers` what the sender said of it. `cursor` is where the next
    pull goes on from once this part is in the ledger: it is kept in the same transaction.
    A part whose `role` is KEYS isn't rows to take in, but the keys of every record that the source
    holds now, so that an increment can tell what is gone.
    """

    name: str
    blocks: Iterable[bytes]
    origin: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cursor: str | None = None
    role: str = ROWS


@dataclass(frozen=True, slots=True)
class Ask:
    """What a source is asked for.

    `options` are the declaration's under `source:`, with every `${NAME}` filled in. Relative paths
    start in `folder`. `internal`: an administrator allowed the feed addresses that aren't public.
    `cursor` is what the last committed run left; None at first. `upload` is a file that a person
    hands in. `progress` is told what is going on, in a few words.
    """

    options: Mapping[str, Any]
    folder: Path
    internal: bool = False
    cursor: str | None = None
    limits: Limits = field(default_factory=Limits)
    upload: Path | None = None
    progress: Callable[[str], None] = lambda _words: None


class Source(Protocol):
    """A kind of source; published under the entry point group `exchange_hub.sources`.

    `options` is the JSON Schema (`properties`, `required`) of what a feed may say under `source:`
    besides `kind`. `format` is the declaration's `format:` where a feed gives none, for sources that
    write their deliveries themselves; None: the feed must say it.
    """

    options: Mapping[str, Any]
    format: Mapping[str, Any] | None

    def pull(self, ask: Ask) -> Iterator[Part]:
        """The delivery, part by part.

        Raises SourceFaltering for what may pass within seconds, SourceUnavailable for what has to
        wait, SourceUnreadable and Misdeclared for what no waiting mends.
        """
