"""Batches, names and quantities as they are compared, however they were written.

A batch number in a ledger, on a sampling sheet and in a decision is the same one with other blanks,
widths and forms of a date. GB 7718 (2011) 4.1.7 and 2.5 let the date of production stand for the batch.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl

_DATE = r"((?:19|20)[0-9]{2})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?"
_WORDS = r"生产批号|生产日期|批次号|批号|批次|LOT(?:NO)?|BATCH(?:NO)?"
_MARKS = r"[\s\-‐‑–—_./\\,:;,、。()\[\]#]+"
_BETWEEN = r"[\s,;/、()]+"
_SHORTEST = 4  # characters of a part that may be a batch by itself
_LONGEST = 200  # characters of a batch that are looked at

#: unit → (what it is measured in, how many of that); 斤 is half a kilogram
UNITS: dict[str, tuple[str, int]] = {
    "克": ("克", 1), "g": ("克", 1), "斤": ("克", 500), "千克": ("克", 1000), "公斤": ("克", 1000),
    "kg": ("克", 1000), "吨": ("克", 1_000_000), "t": ("克", 1_000_000), "毫升": ("毫升", 1),
    "ml": ("毫升", 1), "升": ("毫升", 1000), "l": ("毫升", 1000),
}  # fmt: skip
AMOUNT = pl.Decimal(38, 3)


def batch_key(batch: pl.Expr, longest: int | None = _LONGEST) -> pl.Expr:
    """A batch number as it is compared; null where nothing is left of it. A text in which batches and dates
    are looked for may be of any length (`longest`: None)."""
    text = batch.str.slice(0, longest).str.normalize("NFKC").str.to_uppercase()
    text = text.str.replace_all(_DATE, "${1}-0${2}-0${3} ")
    text = text.str.replace_all(r"-0([0-9]{2})-", "-${1}-").str.replace_all(
        r"-0([0-9]{2}) ", "-${1} "
    )
    text = text.str.replace_all(_MARKS, "").str.replace_all(_WORDS, "")
    return pl.when(text.str.len_bytes() > 0).then(text)


def batch_key_of(text: str) -> str | None:
    """The same of one text."""
    found: str | None = pl.select(batch_key(pl.lit(text, pl.String))).item()
    return found


def batch_keys_of(text: str) -> tuple[str, ...]:
    """What a text that may have a date of production, a batch number or both may mean: the whole of it,
    the dates in it, and its other parts of four characters or more."""
    plain = unicodedata.normalize("NFKC", text)[:_LONGEST]
    parts = [plain, *(found[0] for found in re.finditer(_DATE, plain))]
    rest = re.sub(_DATE, " ", plain)
    parts += [one for one in re.split(_BETWEEN, rest) if len(one) >= _SHORTEST]
    keys = (batch_key_of(part) for part in parts)
    return tuple(dict.fromkeys(key for key in keys if key))


def name_key(name: pl.Expr) -> pl.Expr:
    """A name as it is compared: without blanks, in one width and one case."""
    return name.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"\s+", "")


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two names are one as they are compared; nothing is the same as nothing."""
    if not one or not other:
        return False
    both = pl.DataFrame({"n": [one, other]}).select(name_key(pl.col("n"))).to_series()
    return bool(both.n_unique() == 1)


def amount(quantity: pl.Expr, unit: pl.Expr) -> pl.Expr:
    """A quantity in what its unit is measured in (`measure`), exactly."""
    factor = _unit(unit).replace_strict(
        {name: times for name, (_, times) in UNITS.items()}, default=1, return_dtype=pl.Int64
    )
    return (quantity.cast(AMOUNT, strict=False) * factor.cast(pl.Decimal(10, 0))).cast(AMOUNT)


def measure(unit: pl.Expr) -> pl.Expr:
    """What a unit is measured in: 克, 毫升, or the unit itself."""
    bases = {name: base for name, (base, _) in UNITS.items()}
    return pl.coalesce(
        _unit(unit).replace_strict(bases, default=None, return_dtype=pl.String), unit
    )


def _unit(unit: pl.Expr) -> pl.Expr:
    return unit.str.normalize("NFKC").str.strip_chars().str.to_lowercase()
