"""The mask of free text: what is private in it is named, and not shown."""

from __future__ import annotations

import polars as pl

from publisher.hits import find, suspect

MARKERS = {
    "resident_id": "〔身份证号略〕",
    "mobile": "〔手机号略〕",
    "landline": "〔电话略〕",
    "bank_card": "〔银行卡号略〕",
    "licence_plate": "〔车牌号略〕",
    "email": "〔电子邮箱略〕",
    "home_address": "〔住址略〕",
}  # a kind of `publisher.recognisers.RECOGNISERS` → what stands in its place


def free_text(text: pl.Expr) -> pl.Expr:
    """身份证440981… → 身份证〔身份证号略〕: a marker for each hit; the rest as it is written."""
    return text.map_batches(_masked, return_dtype=pl.String, is_elementwise=True)


def _masked(texts: pl.Series) -> pl.Series:
    rows = pl.DataFrame({"text": texts}).with_row_index("row")
    doubtful = rows.filter(suspect(pl.col("text")))
    spans = _united(find(doubtful))
    if spans.is_empty():
        return texts
    # Each span with what stands between it and the one before.
    begin = pl.col("end").shift(1, fill_value=0).over("row")
    between = pl.col("text").str.slice(begin, pl.col("start") - begin)
    cut = doubtful.join(spans, on="row", how="inner", maintain_order="right").with_columns(
        (between + pl.col("kind").replace_strict(MARKERS)).alias("between"),
        pl.col("text").str.slice(pl.col("end")).alias("rest"),
    )
    shown = pl.col("between").str.join("") + pl.col("rest").last()
    masked = cut.group_by("row", maintain_order=True).agg(shown.alias("masked"))
    joined = rows.join(masked, on="row", how="left", maintain_order="left")
    return joined.select(pl.coalesce("masked", "text").alias(texts.name)).to_series()


def _united(hits: pl.DataFrame) -> pl.DataFrame:
    """row, start, end, kind of `hits`; where some overlap, one from their first to their last
    character, with the first one's kind."""
    ends = hits.select("row", "kind", "start", (pl.col("start") + pl.col("length")).alias("end"))
    ordered = ends.sort("row", "start", "end")
    reach = pl.col("end").cum_max().shift(1, fill_value=0).over("row")
    group = (pl.col("start") >= reach).cum_sum()
    united = ordered.group_by("row", group.alias("group"), maintain_order=True)
    return united.agg(pl.col("kind", "start").first(), pl.col("end").max()).drop("group")
