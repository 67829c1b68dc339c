"""Patterns of a schema in the syntax of the columns' engine, which runs in linear time.

JSON Schema takes the meaning of a pattern from ECMA-262, where \\d, \\w and \\s are about ASCII (and
\\s about some more spaces); in the engine they are about all of Unicode. Without the translation a
digit of another script would pass here and be refused by whoever receives the record.
"""

from __future__ import annotations

import re
from functools import lru_cache

import polars as pl

_WORD = "A-Za-z0-9_"
_SPACE = r"\t\n\x0B\f\r\u{FEFF}\u{2028}\u{2029}\p{Zs}"
# The engine allows a class inside a class, so these stand for themselves in both places.
_CLASSES = {
    r"\d": "[0-9]",
    r"\D": "[^0-9]",
    r"\w": f"[{_WORD}]",
    r"\W": f"[^{_WORD}]",
    r"\s": f"[{_SPACE}]",
    r"\S": f"[^{_SPACE}]",
}
_ESCAPE = re.compile(r"\\.", re.DOTALL)


@lru_cache(maxsize=1024)
def linear_pattern(pattern: str) -> str | None:
    """The pattern as the engine takes it; None where it can't run in linear time (look-around)."""
    translated = _ESCAPE.sub(lambda found: _CLASSES.get(found.group(), found.group()), pattern)
    try:
        pl.Series([""]).str.contains(translated)
    except pl.exceptions.ComputeError:
        return None
    return translated
