"""A record as bytes: its canonical JSON, its digest and its key.

Canonical JSON is RFC 8785 of the record without its null fields. Values are strings, integers,
booleans and lists of strings, so that means: keys sorted, no spaces, minimal escapes, UTF-8. The
digest is SHA-256 of those bytes; anyone can recompute it from an exchanged record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import orjson
import polars as pl
import polars_hash  # noqa: F401  # registers .chash

from exchange_schemas.canonical import canonical_frame
from exchange_schemas.standard import Dtype, Standard

JSON, DIGEST, KEY = "_json", "_digest", "_key"


def canonical(record: Mapping[str, object]) -> bytes:
    """Canonical JSON of one record."""
    present = {name: value for name, value in record.items() if value is not None}
    return orjson.dumps(present, option=orjson.OPT_SORT_KEYS)


def digest(record: Mapping[str, object]) -> bytes:
    """SHA-256 of the record's canonical JSON, 32 bytes."""
    return hashlib.sha256(canonical(record)).digest()


def canonical_column(rows: pl.DataFrame, names: Iterable[str]) -> pl.Series:
    """Canonical JSON (String) of every row, of the columns `names`."""
    return canonical_frame(rows.select(list(names)))


def with_digest(rows: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """`rows` with `_json` (String) and `_digest` (Binary, 32 bytes) of the columns `names`."""
    named = rows.with_columns(canonical_column(rows, names).alias(JSON))
    return named.with_columns(digest_expr(pl.col(JSON)).alias(DIGEST))


def digest_expr(text: pl.Expr) -> pl.Expr:
    """SHA-256 (Binary, 32 bytes) of a String column's UTF-8."""
    hashed: pl.Expr = text.chash.sha2_256()  # type: ignore[attr-defined]  # polars_hash adds .chash
    return hashed.str.decode("hex")


def key_expr(standard: Standard) -> pl.Expr:
    """The record's key (String): its parts joined by "|"; null where a part is missing.

    Of a part's alternative fields the first that has a value counts; an earlier version of a
    standard may lack some of them. "%" and "|" inside a part are
    percent-encoded, so that two different records can't have one key.
    """
    known = [[name for name in part if name in standard.fields] for part in standard.key]
    parts = [pl.coalesce(_encoded(name) for name in part) for part in known]
    return pl.concat_str(parts, separator="|")


def _encoded(name: str) -> pl.Expr:
    return pl.col(name).str.replace_many({"%": "%25", "|": "%7C"})


def parse_records(json: pl.Series, dtypes: Mapping[str, Dtype]) -> pl.DataFrame:
    """Canonical JSON texts as columns; absent fields are null."""
    struct = pl.Struct(dict(dtypes))
    return json.to_frame("json").select(pl.col("json").str.json_decode(struct)).unnest("json")
