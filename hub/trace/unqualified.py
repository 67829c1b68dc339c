"""What a failed sample is linked with: its batch's chain, penalties and recalls, each with why.

The sample names its producer and a date or batch as its sheet has them; a ledger, a decision and a notice
write the same in other ways, so batches are compared as `exchange_schemas.lots` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Row

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.lots import batch_key, batch_keys_of, name_key, same_name
from hub.analysis.inputs import Inputs
from hub.database import look
from hub.subjects.linked import linked
from hub.trace.chain import Chain, chain
from hub.trace.recalls import listing
from hub.trace.searching import search

UNQUALIFIED, PENALTY, RECALL = "unqualified_product", "administrative_penalty", "product_recall"
#: why something is linked; message ids
BY_CODE, BY_NAME = "the same credit code", "the same name"
BY_SAMPLE, BY_BATCH, BY_PRODUCT = (
    "names the sample number", "names the batch", "names the product"
)  # fmt: skip
_PENALTY = (
    "doc_no", "subject_name", "uscc", "decided_on", "authority", "violation_type", "case_name", "facts",
    "content",
)  # fmt: skip
_SHORTEST = 2  # characters of a product's name that say something


@dataclass(frozen=True, slots=True)
class Linked:
    """`items` are the sample's records, one for each failed item. `chains` are chains of its batch, of its
    producer where that is known, with why. `penalties` are records with `reasons` and `_key`; `recalls`
    rows of ours, `notices` records of product_recall from elsewhere with `reasons`."""

    items: list[dict[str, Any]]
    chains: list[tuple[Chain, list[str]]]
    penalties: list[dict[str, Any]]
    recalls: list[Row[Any]]
    notices: list[dict[str, Any]]

    @property
    def sample(self) -> dict[str, Any]:
        """The first of its items."""
        return self.items[0]


def samples(inputs: Inputs, words: str = "", most: int = 100) -> pl.DataFrame:
    """sample_no, product, batch, producer and day of failed samples, the newest first."""
    names = (
        "sample_no",
        "product_name",
        "production_date_or_batch",
        "nominal_producer",
        "announced_on",
    )
    rows = inputs.scan(UNQUALIFIED).select(names)
    if words:
        any_of = (pl.col(name).str.contains(words, literal=True) for name in names)
        rows = rows.filter(pl.any_horizontal(any_of))
    newest = rows.unique("sample_no").sort(
        "announced_on", "sample_no", descending=[True, False], nulls_last=True
    )
    return newest.head(most).collect()


def unqualified(inputs: Inputs, sample_no: str) -> Linked:
    """What a failed sample is linked with. Raises Misdeclared (unqualified_unknown)."""
    rows = inputs.scan(UNQUALIFIED).filter(pl.col("sample_no") == sample_no)
    items = rows.sort("item_name").collect().to_dicts()
    if not items:
        raise Misdeclared(Issue("unqualified_unknown", value=sample_no[:64]))
    sample = items[0]
    keys = batch_keys_of(sample["production_date_or_batch"] or "")
    chains = _chains(inputs, sample, keys)
    with look(inputs.engine) as connection:
        mine = listing(connection, sample_no)
    return Linked(
        items,
        chains,
        _penalties(inputs, sample, keys, chains),
        mine,
        _notices(inputs, sample, keys),
    )


def _chains(
    inputs: Inputs, sample: dict[str, Any], keys: tuple[str, ...]
) -> list[tuple[Chain, list[str]]]:
    """The chains of the batch whose producer or product is the sample's."""
    told = []
    for key in keys:
        for lot in search(inputs, key).iter_rows(named=True):
            if not set(batch_keys_of(lot["batch"] or "")) & {key}:
                continue
            reasons = [BY_BATCH]
            if same_name(lot["producer_name"], sample["nominal_producer"]):
                reasons.append(BY_NAME)
            if same_name(lot["product_name"], sample["product_name"]):
                reasons.append(BY_PRODUCT)
            if BY_NAME in reasons and (BY_PRODUCT in reasons or key == keys[0]):
                found = chain(inputs, lot["batch"], lot["producer_name"], lot["product_name"])
                told.append((found, reasons))
        if told:
            break  # the whole text is a batch: its parts would only say the same, or less
    return told


def _penalties(
    inputs: Inputs,
    sample: dict[str, Any],
    keys: tuple[str, ...],
    chains: list[tuple[Chain, list[str]]],
) -> list[dict[str, Any]]:
    """Penalties against its producer, who was sampled and who traded the batch, that mention it."""
    codes = {sample["nominal_producer_uscc"], sample["sampled_unit_uscc"]}
    names = {sample["nominal_producer"], sample["sampled_unit"]}
    for found, _ in chains:
        codes |= set(found.parties["uscc"])
        names |= set(found.parties["name"])
    whose = linked(inputs, PENALTY).filter(pl.col("subject").is_in(sorted(codes - {None})))
    by_code = whose.select("_key").unique().with_columns(by_code=pl.lit(value=True))
    names_told = pl.Series("n", sorted(names - {None}), pl.String)
    keys_of = names_told.to_frame().select(name_key(pl.col("n"))).to_series()
    rows = (
        inputs.scan(PENALTY)
        .select("_key", *_PENALTY)
        .join(by_code, on="_key", how="left")
        .with_columns(by_name=name_key(pl.col("subject_name")).is_in(keys_of.implode()))
        .filter(pl.col("by_code").fill_null(value=False) | pl.col("by_name"))
    )
    told = _mentioned(rows, ("case_name", "facts", "content"), sample, keys)
    ways = {"by_code": BY_CODE, "by_name": BY_NAME, **_MENTIONS}
    mentions = pl.any_horizontal(pl.col(name).fill_null(value=False) for name in _MENTIONS)
    return _reasoned(told.filter(mentions).sort("decided_on", descending=True).collect(), ways)


def _notices(
    inputs: Inputs, sample: dict[str, Any], keys: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Recalls as records, of the sample or of its producer's batch."""
    names = (
        "recall_no",
        "product_name",
        "batch",
        "producer_name",
        "producer_uscc",
        "started_on",
        "state",
    )
    code, producer = sample["nominal_producer_uscc"], sample["nominal_producer"]
    rows = (
        inputs.scan(RECALL)
        .with_columns(
            by_sample=pl.col("sample_no") == sample["sample_no"],
            by_code=pl.col("producer_uscc") == pl.lit(code, pl.String),
            by_name=name_key(pl.col("producer_name")) == name_key(pl.lit(producer, pl.String)),
            by_batch=batch_key(pl.col("batch")).is_in(list(keys)),
        )
        .with_columns(pl.col("by_sample", "by_code", "by_name", "by_batch").fill_null(value=False))
        .filter(
            pl.col("by_sample") | (pl.col("by_batch") & (pl.col("by_code") | pl.col("by_name")))
        )
        .select("_key", *names, "by_sample", "by_code", "by_name", "by_batch")
    )
    ways = {"by_sample": BY_SAMPLE, "by_code": BY_CODE, "by_name": BY_NAME, "by_batch": BY_BATCH}
    return _reasoned(rows.sort("started_on", descending=True).collect(), ways)


_MENTIONS = {"by_sample": BY_SAMPLE, "by_batch": BY_BATCH, "by_product": BY_PRODUCT}


def _mentioned(
    rows: pl.LazyFrame, fields: tuple[str, ...], sample: dict[str, Any], keys: tuple[str, ...]
) -> pl.LazyFrame:
    """Rows with what of the sample their texts name; both are compared without blanks and marks."""
    words = pl.concat_str(fields, separator=" ", ignore_nulls=True)
    rows = rows.with_columns(_text=_plain(words))
    named = {
        "by_sample": (sample["sample_no"],),
        "by_batch": tuple(one for one in keys if len(one) >= _SHORTEST),
        "by_product": tuple(
            one for one in (sample["product_name"],) if one and len(one) >= _SHORTEST
        ),
    }
    return rows.with_columns(
        pl.any_horizontal(
            pl.lit(value=False),
            *(
                pl.col("_text").str.contains(_plain(pl.lit(one)), literal=True)
                for one in some
                if one
            ),
        ).alias(name)
        for name, some in named.items()
    ).drop("_text")


def _plain(words: pl.Expr) -> pl.Expr:
    """A text as batches are compared, with dates written together; batches in it stay where they are."""
    return batch_key(words, longest=None)


def _reasoned(rows: pl.DataFrame, ways: dict[str, str]) -> list[dict[str, Any]]:
    told = []
    for row in rows.to_dicts():
        reasons = [words for name, words in ways.items() if row.pop(name)]
        told.append({**row, "reasons": reasons})
    return told
