"""Text as overlapping pairs of characters, which is how names and numbers are found by any part.

SQLite's own tokenizers don't serve Chinese: `trigram` finds nothing for two characters, and word
segmentation splits company names wrongly. A phrase of pairs finds exactly what a scan for the
characters would find.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

_LINE_FEED, _SPACE = 10, 32


def folded(text: pl.Expr) -> pl.Expr:
    """Letters and digits only, upper case, full-width as half-width.

    Brackets, hyphens and spaces go, so 〔2023〕, (2023) and [2023] are the same.
    """
    plain = text.str.normalize("NFKC").str.to_uppercase().str.normalize("NFKC")
    return plain.str.replace_all(r"[^\p{L}\p{N}\p{M}]+", "")


def pairs(text: pl.Series) -> list[str]:
    """The pairs of each folded text and its last character: 高州市 → "高州 州市 市"."""
    if text.is_empty():
        return []
    joined = text.fill_null("").str.join("\n").item()
    here = np.frombuffer((joined + "\n").encode("utf-32-le"), dtype=np.uint32)
    following = np.append(here[1:], np.uint32(_LINE_FEED))
    cells = np.column_stack((here, following, np.full_like(here, _SPACE)))
    ends, last = here == _LINE_FEED, following == _LINE_FEED
    keep = np.column_stack((np.ones_like(ends), ~(ends | last), ~ends))
    spaced: str = cells[keep].tobytes().decode("utf-32-le")
    return spaced.split("\n")[:-1]


def phrase_query(text: str) -> str:
    """The FTS5 query for `text`: each word a phrase of pairs, all needed; "" without letters."""
    words = pl.select(folded(pl.lit(pl.Series(text.split(), dtype=pl.String)))).to_series()
    return " AND ".join(_phrase(word) for word in words if word)


def _phrase(word: str) -> str:
    if len(word) == 1:
        return f'"{word}" *'  # every pair that begins with it, or it alone at the end
    return '"' + " ".join(a + b for a, b in pairwise(word)) + '"'
