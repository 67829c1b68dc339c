"""A source asked for what it has, as `pull` asks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapters.limits import Limits
from adapters.source import Ask, Part, Source


def fetch(source: Source, limits: Limits | None = None, cursor: str | None = None,
          **options: Any) -> list[tuple[Part, bytes]]:  # fmt: skip
    """The parts that `source` gives for these options, each read to its end."""
    ask = Ask(options, Path(), internal=True, cursor=cursor, limits=limits or Limits())
    return [(part, b"".join(part.blocks)) for part in source.pull(ask)]
