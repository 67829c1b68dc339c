"""What a format is: code that splits a delivery's bytes into raw batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adapters.artefact import Artefact
    from adapters.feed import Feed
    from exchange_schemas.batch import Batch


@dataclass(frozen=True, slots=True)
class Reader:
    """A format; published under the entry point group `exchange_hub.formats`.

    `read(feed, artefact)` gives raw batches: `_line` (Int64, from 1) and the source's columns, all
    String, the same in every batch; at least one batch, which may have no rows. It raises
    SourceUnreadable. `options` is the JSON Schema (`properties`, `required`) of what a feed may say
    under `format:` besides `kind`. `whole_file`: it needs a file to look into, so what is packed as
    .gz or .xz is unpacked first (others read `opener.read_blocks`). `hostile`: its parser can be
    led to eat memory or time, so it runs in a child process with limits.
    """

    read: Callable[[Feed, Artefact], Iterator[Batch]]
    options: Mapping[str, Any] = field(default_factory=dict)
    whole_file: bool = False
    hostile: bool = False
