"""Private data left in a public view: the last look before anything is shown.

Recognises resident identity numbers (GB 11643: 18 characters by check digit, birth date and
province; the old 15 digits by birth date and province), mobile and landline numbers, and bank
cards (China UnionPay numbers by the Luhn check), also in full-width digits, with blanks or hyphens
between, and inside longer text. Where a number is part of a longer one it isn't taken for one.
"""

from __future__ import annotations

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.issue import empty_issues
from exchange_schemas.standard import Field, Standard
from publisher.recognisers import RECOGNISERS

# The form of these is checked when a record is accepted, and many look like private numbers.
CHECKED_FORMATS = (
    "uscc", "reg-no", "org-code", "date", "date-time", "decimal", "division-code",
)  # fmt: skip
_DIGIT = "[0-9０-９]"
# Ten digits with little between them: less is none of the numbers looked for.
_LONG = rf"{_DIGIT}(?:[^0-9０-９\p{{L}}]{{0,3}}{_DIGIT}){{9}}"


def private_hits(standard: Standard, view: pl.DataFrame) -> pl.DataFrame:
    """Issues (`ISSUE_COLUMNS`, code private_found) of `view`, one per field and kind and record.

    `line` is the view's `_line`, or null where it has none. `value` is shortened; params has the
    `kind`: resident_id, mobile, landline or bank_card.
    """
    found = [_field_hits(view, f) for f in standard.fields.values() if _is_text(f, view)]
    filled = [hits for hits in found if not hits.is_empty()]
    return pl.concat(filled) if filled else empty_issues()


def _is_text(field: Field, view: pl.DataFrame) -> bool:
    text = field.kind in ("string", "list") and field.schema.get("format") not in CHECKED_FORMATS
    return text and field.name in view.columns and "enum" not in field.schema


def _field_hits(view: pl.DataFrame, field: Field) -> pl.DataFrame:
    line = pl.col(LINE) if LINE in view.columns else pl.lit(None, dtype=pl.Int64)
    value = pl.col(field.name).list.join("\n") if field.kind == "list" else pl.col(field.name)
    long = view.select(line.alias("line"), value.alias("text")).filter(
        pl.col("text").str.contains(_LONG)
    )
    # Every character between numbers twice: each of two neighbours then has an end of its own.
    spaced = pl.col("text").str.normalize("NFKC").str.replace_all(r"([^0-9A-Za-z])", "$1$1")
    texts = long.select("line", spaced)
    return pl.concat([_kind_hits(texts, field.name, kind) for kind in RECOGNISERS])


def _kind_hits(texts: pl.DataFrame, name: str, kind: str) -> pl.DataFrame:
    recogniser = RECOGNISERS[kind]
    number = pl.col("text").str.extract_all(recogniser.pattern)
    candidates = (
        texts.with_row_index("row")
        .select("row", "line", number.alias("value"))
        .explode("value", empty_as_null=False)
        .with_columns(pl.col("value").str.replace_all(r"[^0-9Xx]", "").str.to_uppercase())
    )
    real = candidates.filter(recogniser.holds(candidates["value"]))
    found = real.unique("row", keep="first", maintain_order=True)
    return found.select(
        pl.col("line").cast(pl.Int64),
        pl.lit(name).alias("field"),
        pl.lit("private_found").alias("code"),
        _shortened(pl.col("value")).alias("value"),
        pl.lit(f'{{"kind": "{kind}"}}').alias("params"),
    )


def _shortened(value: pl.Expr) -> pl.Expr:
    return value.str.slice(0, 3) + "****" + value.str.slice(-2)
