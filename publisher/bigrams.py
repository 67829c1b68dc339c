"""Text as people search it: folded, so that names and numbers are found however they are written.

SQLite's own tokenizers don't serve Chinese: `trigram` finds nothing for two characters, and word
segmentation splits company names wrongly. The index has pairs of neighbouring characters instead.
"""

from __future__ import annotations

import polars as pl


def folded(text: pl.Expr) -> pl.Expr:
    """Letters and digits only, upper case, full-width as half-width.

    Brackets, hyphens and spaces go, so 〔2023〕, (2023) and [2023] are the same.
    """
    plain = text.str.normalize("NFKC").str.to_uppercase().str.normalize("NFKC")
    return plain.str.replace_all(r"[^\p{L}\p{N}\p{M}]+", "")


def words_of(query: str) -> list[str]:
    """The folded words of a query, all of which are wanted; without those that have no letters."""
    if not query.split():
        return []
    words = pl.select(folded(pl.lit(pl.Series(query.split(), dtype=pl.String)))).to_series()
    return [word for word in dict.fromkeys(words) if word]
