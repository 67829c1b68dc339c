"""Which records of ours the province means: by the number of the document, and by whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.standard import Standard
from hub.bulk import select_frame
from hub.tables import dataset, head
from hub.tables_of_review import disclosure

_HEADS = {"key": pl.String, "feed_id": pl.Int64, "record_id": pl.String, "department": pl.String}
#: The records that were found: `asked` is the place in what was asked for.
FOUND = {"asked": pl.Int64, **_HEADS}


def find_records(
    connection: Connection, standard: Standard, returned: Sequence[dict[str, Any]]
) -> pl.DataFrame:
    """`FOUND` for those of `returned` (doc_no, uscc, subject_name) that mean one record and no other.

    All keys of the dataset are looked through once, however many are asked for.
    """
    place = _document_part(standard)
    if place is None or not returned:
        return pl.DataFrame(schema=FOUND)
    query = (
        select(head.c.key, head.c.feed_id, disclosure.c.record_id, disclosure.c.department)
        .join(dataset, dataset.c.id == head.c.dataset_id)
        .join(
            disclosure,
            (disclosure.c.dataset_id == head.c.dataset_id) & (disclosure.c.key == head.c.key),
            isouter=True,
        )
        .where(dataset.c.name == standard.dataset)
    )
    heads = select_frame(connection, query, _HEADS)
    asked = pl.DataFrame(
        [(n, _encoded(r["doc_no"]), _encoded(r.get("uscc")), _encoded(r.get("subject_name")))
         for n, r in enumerate(returned)],
        schema={"asked": pl.Int64, "_doc": pl.String, "_code": pl.String, "_name": pl.String},
        orient="row",
    )  # fmt: skip
    parts = pl.col("key").str.split("|")
    keyed = heads.with_columns(parts.list.get(place).alias("_doc"), parts.alias("_parts"))
    return _only_one(keyed.join(asked, on="_doc"))


def _only_one(found: pl.DataFrame) -> pl.DataFrame:
    """A document may name several parties: then the code or the name has to say which."""
    party = pl.col("_parts").list.contains(pl.col("_code")) | pl.col("_parts").list.contains(
        pl.col("_name")
    )
    marked = found.with_columns(
        party.fill_null(value=False).alias("_party"), pl.len().over("asked").alias("_count")
    )
    chosen = marked.filter((pl.col("_count") == 1) | pl.col("_party"))
    return chosen.filter(pl.len().over("asked") == 1).select(list(FOUND))


def _document_part(standard: Standard) -> int | None:
    """Which part of the key is the document's number; None: none is."""
    name = standard.roles.document
    return next((n for n, part in enumerate(standard.key) if name in part), None)


def _encoded(text: str | None) -> str | None:
    """As it stands in a key (`exchange_schemas.record.key_expr`)."""
    return None if text is None else text.replace("%", "%25").replace("|", "%7C")
