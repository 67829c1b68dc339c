"""Places of private data in texts: which, where, how long."""

from __future__ import annotations

import polars as pl

from publisher.home_addresses import DWELLING
from publisher.plain_characters import plain
from publisher.recognisers import PLATE_OF, RECOGNISERS, Recogniser

HIT_COLUMNS = {
    "row": pl.UInt32,  # as given
    "kind": pl.String,  # a key of RECOGNISERS
    "start": pl.UInt32,  # characters before it in the text as shown
    "length": pl.UInt32,  # characters
    "value": pl.String,  # as written, in plain characters
}

_BEFORE, _AFTER = 40, 20  # characters that a recogniser may look at
_CUT = "\x01"  # plain texts have no control characters

# One pass that almost every text fails; digits and letters are those of any script and form.
_DIGIT, _GAP = r"[\p{Nd}\p{No}]", r"[\s\p{Cc}\p{Cf}\p{Z}\p{Pd}\u2212\u2043_＿.．)）]"
_SUSPECT = "|".join((
    rf"{_DIGIT}(?:{_GAP}{{0,3}}{_DIGIT}){{9}}",
    r"[@＠﹫]|[(（\[［]\s?[AaＡａ][TtＴｔ]",
    rf"{PLATE_OF}[\s\p{{Cf}}]?[\p{{Lu}}\p{{Ll}}]",
    rf"住|户籍|户口|家庭地址|[\p{{N}}\p{{Lu}}\p{{Ll}}一二三四五六七八九十百]\s?{DWELLING}",
))  # fmt: skip


def suspect(text: pl.Expr) -> pl.Expr:
    """False where a text has no private data for sure; quick."""
    return text.str.contains(_SUSPECT)


def find(texts: pl.DataFrame) -> pl.DataFrame:
    """`HIT_COLUMNS` of `texts` (row, text), in the order of kinds, rows and places.

    Of hits of one kind that overlap the first, and of those the longest, is told.
    """
    looked = texts.filter(suspect(pl.col("text"))).select("row", plain(pl.col("text")))
    found = [_of_kind(looked, kind, one) for kind, one in RECOGNISERS.items()]
    return pl.concat([pl.DataFrame(schema=HIT_COLUMNS), *found])


def _of_kind(texts: pl.DataFrame, kind: str, recogniser: Recogniser) -> pl.DataFrame:
    near = texts.filter(pl.col("text").str.contains(recogniser.look))
    if near.is_empty():
        return pl.DataFrame(schema=HIT_COLUMNS)
    candidates = pl.concat([_candidates(near, pattern) for pattern in recogniser.patterns])
    real = candidates.filter(recogniser.holds(candidates))
    first = apart(real.select("row", "start", "length", pl.col("hit").alias("value")))
    return first.select(pl.lit(kind).alias("kind"), pl.all()).select(
        pl.col(name).cast(dtype) for name, dtype in HIT_COLUMNS.items()
    )


def apart(spans: pl.DataFrame) -> pl.DataFrame:
    """Of overlapping spans (row, start, length, …) those that begin where no earlier one reaches."""
    ordered = spans.sort("row", "start", pl.col("length"), descending=[False, False, True])
    reach = (pl.col("start") + pl.col("length")).cum_max().shift(1, fill_value=0).over("row")
    return ordered.filter(pl.col("start") >= reach)


def _candidates(texts: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """row, hit, start, length, before, after, first of every match of `pattern`."""
    cut = pl.col("text").str.replace_all(pattern, f"${{before}}{_CUT}${{hit}}{_CUT}")
    pieces = (
        texts.with_columns(cut.str.split(_CUT).alias("hit"))
        .filter(pl.col("hit").list.len() > 1)
        .explode("hit", empty_as_null=False)
        .with_columns(pl.col("hit").str.len_chars().alias("length"))
        .with_columns(
            (pl.col("length").cum_sum() - pl.col("length")).over("row").alias("start"),
            (pl.int_range(pl.len()).over("row") % 2 == 1).alias("_odd"),
        )
    )
    return pieces.filter("_odd").select("row", "hit", "start", "length", *_around())


def _around() -> list[pl.Expr]:
    text, start = pl.col("text"), pl.col("start").cast(pl.Int64)
    end = start + pl.col("length")
    begin = pl.max_horizontal(start - _BEFORE, 0)
    return [
        text.str.slice(begin, start - begin).alias("before"),
        text.str.slice(end, _AFTER).alias("after"),
        (start == 0).alias("first"),
    ]
