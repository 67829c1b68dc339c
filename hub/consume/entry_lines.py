"""Lines of the exchange as columns, and all that can be checked of them without the hub.

A line is one entry as compact JSON; its record's canonical JSON stands last and is taken out of the
line byte for byte, because that text is what was hashed. The layout, the commitment and the leaf are
described in docs/pull-as-a-consumer.md.
"""

from __future__ import annotations

import polars as pl
import polars_hash  # noqa: F401  # registers .chash

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.tree.lines import line as written_line

UPSERT, DELETE, ERASED, REFUSED = "upsert", "delete", "erased", "refused"
SALT, HASH_IN_HEX = "^[0-9a-f]{32}$", "^[0-9a-f]{64}$"
SHARE = 32_768  # lines that one processor reads at a time
RECORD = ',"record":'  # can't stand inside a JSON text, where a quote is escaped

HEADING = {
    "seq": pl.Int64,
    "operation": pl.String,
    "was": pl.String,
    "key": pl.String,
    "digest": pl.String,
    "recorded_at": pl.String,
    "standard": pl.String,
    "salt": pl.String,
    "commitment": pl.String,
    "leaf": pl.String,
}
#: What `read_lines` gives: the heading, the record's text (null where there is none), the line.
ENTRY_COLUMNS = {**HEADING, "record": pl.String, "line": pl.String}


def split_lines(body: bytes) -> pl.Series:
    """The lines of NDJSON, without their line feeds; raises ValueError where it isn't UTF-8."""
    if not body:
        return pl.Series("line", [], pl.String)
    if b"\r" in body:  # it would be taken for part of a line's end
        raise ValueError("a carriage return")
    try:
        return pl.read_lines(body)["line"]
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error)) from error


def read_lines(dataset: str, body: bytes) -> pl.DataFrame:
    """The entries of a page or segment as `ENTRY_COLUMNS`; raises Corrupt (entry_unreadable)."""
    try:
        lines = split_lines(body)
    except ValueError as error:
        raise unreadable(dataset, str(error)) from error
    try:
        return parse_lines(lines)
    except pl.exceptions.PolarsError as error:
        raise unreadable(dataset, _first_wrong(lines)) from error


def parse_lines(lines: pl.Series) -> pl.DataFrame:
    """Lines as `ENTRY_COLUMNS`; raises PolarsError where one isn't JSON of this form."""
    # One column is read by one processor, so the lines are shared out.
    parts = [_parsed(part.lazy()) for part in lines.alias("line").to_frame().iter_slices(SHARE)]
    return pl.concat(pl.collect_all(parts)) if parts else pl.DataFrame(schema=ENTRY_COLUMNS)


def _parsed(lines: pl.LazyFrame) -> pl.LazyFrame:
    parts = lines.with_columns(
        pl.col("line").str.splitn(RECORD, 2).struct.rename_fields(["head", "tail"]).alias("part")
    ).unnest("part")
    close = pl.when(pl.col("tail").is_null()).then(pl.lit("")).otherwise(pl.lit("}"))
    head = pl.concat_str("head", close).str.json_decode(pl.Struct(HEADING))
    record = pl.col("tail").str.strip_suffix("}").alias("record")
    found = parts.with_columns(head.alias("heading"), record).unnest("heading")
    return found.select(list(ENTRY_COLUMNS))


def _first_wrong(lines: pl.Series) -> str:
    """The first line that can't be read, cut to a length that can be shown."""
    for line in lines:  # only once something is wrong
        try:
            parse_lines(pl.Series([line]))
        except pl.exceptions.PolarsError:
            return str(line)
    return ""


def unreadable(dataset: str, line: str) -> Corrupt:
    """The error of a line that isn't an entry."""
    return Corrupt(Issue("entry_unreadable", value=line[:80], params={"dataset": dataset}))


def check_entries(dataset: str, entries: pl.DataFrame, expected: pl.Expr, *, native: bool) -> None:
    """Check that the numbers are the expected ones and that every record matches its digest.

    `native` entries have a salt, or are erased; those of a version that was asked for have the hash
    of the native leaf instead. Raises Corrupt (entry_unreadable, entry_gap, entry_digest) naming the
    first that is wrong.
    """
    readable = is_as_written(native=native) & _has_its_form(native=native)
    marked = entries.select(
        "line",
        "seq",
        readable=readable.fill_null(value=False),
        expected=expected,
        right=right_digest().fill_null(value=False),
    )
    _raise_first(dataset, marked)


def is_as_written(*, native: bool) -> pl.Expr:
    """Whether a line is to the byte what its columns make: nothing doubled, unknown or respelt in it,
    such as JSON's 1.0 for 1. Of another version only the number is looked at."""
    if native:
        return pl.col("line") == written_line()
    number = pl.concat_str(pl.lit('{"seq":'), pl.col("seq").cast(pl.String), pl.lit(","))
    return pl.col("line").str.starts_with(number)


def _has_its_form(*, native: bool) -> pl.Expr:
    """Whether an entry has just the members that its operation has."""
    operation = pl.col("operation")
    record, digest = pl.col("record").is_not_null(), pl.col("digest").is_not_null()
    key = pl.col("key").is_not_null()
    dated = pl.col("recorded_at").is_not_null() & pl.col("standard").is_not_null()
    proof = (
        pl.col("salt").str.contains(SALT) if native else pl.col("leaf").str.contains(HASH_IN_HEX)
    )
    erased = pl.col("was").is_in([UPSERT, DELETE]) & pl.col("commitment").str.contains(HASH_IN_HEX)
    return dated & (
        ((operation == UPSERT) & key & record & digest & proof)
        | ((operation == DELETE) & key & ~record & ~digest & proof)
        | ((operation == ERASED) & ~key & ~record & ~digest & erased)
        | ((operation == REFUSED) & key & ~record & ~digest & proof & pl.lit(not native))
    )


def right_digest() -> pl.Expr:
    """Whether an entry has no record, or the one of its digest; null where it has no digest."""
    told: pl.Expr = pl.col("record").chash.sha2_256()  # type: ignore[attr-defined]  # polars_hash
    return pl.col("record").is_null() | (told == pl.col("digest"))


def _raise_first(dataset: str, marked: pl.DataFrame) -> None:
    wrong = marked.filter(
        ~pl.col("readable") | (pl.col("seq") != pl.col("expected")) | ~pl.col("right")
    )
    if wrong.is_empty():
        return
    first = wrong.row(0, named=True)
    if not first["readable"]:
        raise unreadable(dataset, first["line"])
    words = {"dataset": dataset}
    if first["seq"] != first["expected"]:
        words |= {"expected": str(first["expected"])}
        raise Corrupt(Issue("entry_gap", value=str(first["seq"]), params=words))
    raise Corrupt(Issue("entry_digest", value=str(first["seq"]), params=words))
