"""How documents name others in their words: one text may name several, each by registration number, by document
number, by title in 《》, or by number and title together."""

from __future__ import annotations

import polars as pl

from hub.documents.numbers import DOC_NO, plain


def _nested() -> str:
    """A title in 《》 that may have titles in it, as 《关于印发〈某办法〉的通知》 has."""
    title = "《[^《》]*》"
    for _ in range(2):
        title = f"《(?:[^《》]|{title})*》"
    return title


_TITLE = _nested()
_NUMBER = DOC_NO.replace("?<series>", "?:").replace("?<year>", "?:").replace("?<number>", "?:")
_PART = f"(?:{_TITLE}|[^《》、,;。])+"
_REGISTRATION = "^[A-Za-z][A-Za-z0-9〔〕-]*[0-9]$"
#: Words that stand before a document's number and look like its issuer's.
_LEADING = "^(?:以及|依据|根据|按照|依照|[和及与由已被])+"


def separated(text: pl.Expr) -> pl.Expr:
    """A text as `plain`, with 、 between the documents that it names."""
    joined = plain(text).str.replace_all("([》)]|号(?:文件?)?)(?:以及|[和及与])", "$1、")
    return joined.str.replace_all("([》)])《", "$1、《")


def names(told: pl.DataFrame, registered: pl.Series) -> pl.DataFrame:
    """`told` (`text` and others) with one row for each document that its text names: `_number`, `_doc`, `_bare`
    (the document number without leading words) and `_title`, each null where it isn't told so.

    `registered` has the registration numbers that there are, as `plain`. What names nothing is left out beside
    what does; a text that names nothing at all is one row. `text` is the part where there are several.
    """
    parts = told.with_row_index("_item").with_columns(
        _part=separated(pl.col("text")).str.extract_all(_PART)
    )
    parts = parts.explode("_part", empty_as_null=True).with_columns(
        _number=plain(pl.col("_part")),
        _doc=pl.col("_part").str.extract(f"({_NUMBER})", 1),
        _title=pl.col("_part").str.extract(f"({_TITLE})", 1).str.slice(1).str.head(-1),
    )
    is_name = pl.any_horizontal(
        pl.col("_doc", "_title").is_not_null(),
        pl.col("_part").str.contains(_REGISTRATION),
        pl.col("_number").is_in(registered.implode()),
    ).fill_null(value=False)
    some = is_name.any().over("_item")
    first = pl.int_range(pl.len()).over("_item") == 0
    kept = parts.with_columns(_is_name=is_name, _some=some).filter(
        pl.when("_some").then("_is_name").otherwise(first)
    )
    several = pl.len().over("_item") > 1
    return kept.with_columns(
        text=pl.when(several).then("_part").otherwise("text"),
        _number=pl.when("_some").then("_number").otherwise(plain(pl.col("text"))),
        _bare=pl.col("_doc").str.replace(_LEADING, ""),
    ).drop("_item", "_part", "_is_name", "_some")
