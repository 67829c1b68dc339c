"""Private data left in a public view: the last look before anything is shown.

What is looked for stands in `publisher.recognisers`: identity numbers, telephones, bank cards,
licence plates, e-mail addresses and homes, in any disguise that people use, inside longer text.
"""

from __future__ import annotations

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.issue import empty_issues
from exchange_schemas.standard import Field, Standard
from publisher.hits import find, suspect

# The form of these is checked when a record is accepted, and many look like private numbers.
CHECKED_FORMATS = (
    "uscc", "reg-no", "org-code", "date", "date-time", "decimal", "division-code",
)  # fmt: skip
BETWEEN = "；"  # the items of a list, as tables show them


def private_hits(standard: Standard, view: pl.DataFrame) -> pl.DataFrame:
    """Issues (`ISSUE_COLUMNS`, code private_found) of `view`, one per hit.

    `line` is the view's `_line`, or null where it has none. `value` is shortened; params has the
    `kind`, a key of `RECOGNISERS`, and the place in the field's text as shown, in characters:
    `start` from 0, and `length`. The items of a list are shown with 「；」 between them. What a field
    is for (`Field.shows`) is no hit in it.
    """
    texts = {f.name: _text(f) for f in standard.fields.values() if _is_text(f, view)}
    # All columns in one go, so that they are looked at side by side.
    doubtful = view.select(suspect(text).alias(name) for name, text in texts.items())
    found = [
        _field_hits(view.filter(doubtful[name]), standard.fields[name], text)
        for name, text in texts.items()
        if doubtful[name].any()
    ]
    return pl.concat([empty_issues(), *found])


def _is_text(field: Field, view: pl.DataFrame) -> bool:
    text = field.kind in ("string", "list") and field.schema.get("format") not in CHECKED_FORMATS
    return text and field.name in view.columns and "enum" not in field.schema


def _text(field: Field) -> pl.Expr:
    column = pl.col(field.name)
    return column.list.join(BETWEEN) if field.kind == "list" else column


def _field_hits(view: pl.DataFrame, field: Field, text: pl.Expr) -> pl.DataFrame:
    line = pl.col(LINE) if LINE in view.columns else pl.lit(None)
    rows = view.select(line.cast(pl.Int64).alias("line"), text.alias("text")).with_row_index("row")
    found = find(rows.select("row", "text")).filter(~pl.col("kind").is_in(list(field.shows)))
    hits = found.join(rows.select("row", "line"), on="row", how="left", maintain_order="left")
    return hits.select(
        "line",
        pl.lit(field.name).alias("field"),
        pl.lit("private_found").alias("code"),
        _shortened(pl.col("value")).alias("value"),
        pl.struct("kind", "start", "length").struct.json_encode().alias("params"),
    )


def _shortened(value: pl.Expr) -> pl.Expr:
    long = value.str.slice(0, 3) + "****" + value.str.slice(-2)
    return pl.when(value.str.len_chars() > 10).then(long).otherwise(value.str.slice(0, 2) + "****")
