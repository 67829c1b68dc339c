"""Registration numbers (统一编号) and document numbers: their form, whether one stands twice, and what is
missing between them.

The city's plan asks for unified numbers (「逐步建立规范性文件统一编号」). A count is of one series in one year,
where the series is what stands before the year, such as an issuer's word.
"""

from __future__ import annotations

import polars as pl

from exchange_schemas.document_rules import DocumentRule

#: 茂府规〔2022〕4号, with the brackets as `plain` leaves them.
DOC_NO = r"(?<series>[\p{Han}A-Za-z]+)〔(?<year>[0-9]{4})〕(?<number>[0-9]{1,5})号"
MOST_MISSING = 50  # numbers that one gap names


def plain(text: pl.Expr) -> pl.Expr:
    """A number or title without blanks, in half-width signs, its year in 〔〕, titles in it in 《》, whatever
    brackets were used."""
    return (
        text.str.normalize("NFKC")
        .str.replace_all(r"\s+", "")
        .str.replace_all(r"[\[(【{]([0-9]{4})[\])】}]", "〔$1〕")
        .str.replace_all("〈", "《")
        .str.replace_all("〉", "》")
    )


def with_numbers(documents: pl.DataFrame, rule: DocumentRule) -> pl.DataFrame:
    """`documents` (registration_no, doc_no) with what is wrong with their numbers.

    `bad_form` (Boolean), `twice` and `doc_twice` (another registration number or null), `gap` and
    `doc_gap` (the numbers that are missing just before this one, as a text, or null).
    """
    number = plain(pl.col("registration_no"))
    parts = number.str.extract_groups(rule.number_form)
    rows = documents.with_columns(_form=parts, _plain=number, _doc=plain(pl.col("doc_no")))
    rows = rows.with_columns(bad_form=pl.col("_form").struct.field("number").is_null())
    rows = _twice(rows, "_plain", "twice")
    rows = _twice(rows, "_doc", "doc_twice")
    rows = _gaps(rows, pl.col("_form"), "gap", r"[0-9]+(号?)$")
    doc = pl.col("_doc").str.extract_groups(DOC_NO)
    counted = doc.struct.field("series").str.contains(rule.counted_documents)
    rows = _gaps(rows, pl.when(counted).then(doc), "doc_gap", r"[0-9]+(号)$", "_doc")
    return rows.drop("_form", "_plain", "_doc")


def _twice(rows: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """`name`: the first other document whose number is the same."""
    first, last = pl.col("registration_no").min(), pl.col("registration_no").max()
    mine = pl.col("registration_no")
    several = pl.len().over(column) > 1
    other = (
        pl.when(mine == first.over(column)).then(last.over(column)).otherwise(first.over(column))
    )
    return rows.with_columns(pl.when(several).then(other).alias(name))


def _gaps(
    rows: pl.DataFrame, form: pl.Expr, name: str, end: str, source: str = "_plain"
) -> pl.DataFrame:
    """`name`: the numbers between this one and the one before it in its series and year."""
    told = rows.with_columns(
        _series=form.struct.field("series"),
        _year=form.struct.field("year"),
        _number=form.struct.field("number").cast(pl.Int64),
        _stem=pl.col(source).str.replace(end, ""),
        _tail=pl.col(source).str.extract(end, 1).fill_null(""),
        _width=form.struct.field("number").str.len_chars(),
    )
    counts = told.drop_nulls("_number").unique(["_series", "_year", "_number"], keep="any")
    counts = counts.sort("_series", "_year", "_number").with_columns(
        _before=pl.col("_number").shift(1).over("_series", "_year").fill_null(0)
    )
    missing = pl.int_ranges(
        pl.col("_before") + 1,
        pl.min_horizontal("_number", pl.col("_before") + 1 + MOST_MISSING),
    )
    listed = (
        counts.filter(pl.col("_number") - pl.col("_before") > 1)
        .with_columns(_missing=missing)
        .explode("_missing")
        .with_columns(
            _text=pl.col("_stem") + _padded(pl.col("_missing"), pl.col("_width")) + pl.col("_tail")
        )
        .group_by("_series", "_year", "_number", maintain_order=True)
        .agg(pl.col("_text").str.join("、").alias(name))
    )
    found = told.join(listed, on=["_series", "_year", "_number"], how="left")
    return found.drop("_series", "_year", "_number", "_stem", "_tail", "_width")


def _padded(number: pl.Expr, width: pl.Expr) -> pl.Expr:
    """With as many digits as the number after it, which shows whether numbers are filled up with zeros."""
    text = number.cast(pl.String)
    zeros = pl.lit("0").repeat_by((width.cast(pl.Int64) - text.str.len_chars()).clip(0))
    return zeros.list.join("") + text
