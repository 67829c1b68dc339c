"""The model of categories as a file of the site: numbers and a note of what it was learnt from.

    models/complaint_category/<version>.npz   arrays; nothing that runs when it is read
                              current.json    {version, learnt_at, tickets, tree, seq, measured}

The version is the beginning of the arrays' SHA-256. Earlier files stay, so that a suggestion that somebody
decided on can be made again.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from hub import ledger
from hub.analysis import columns
from hub.complaints.routing import DATASET
from hub.complaints.suggesting import Model, fit, measured, suggested
from hub.complaints.tickets import CATEGORY, received
from hub.instant import utc_now
from hub.site import Site
from publisher.disk import write_synced

_FOLDER, _CURRENT = "complaint_category", "current.json"
_TEXT = ("title", "facts")


@dataclass(frozen=True, slots=True)
class Known:
    """The model in use, and what current.json says of it."""

    model: Model
    about: dict[str, Any]


def learn(
    site: Site, connection: Connection, catalogue: Catalogue, tree: pl.DataFrame | None = None
) -> dict[str, Any] | None:
    """Learn anew from the closed tickets that have a category, and from a tree where there is one, and let
    that count; returns what current.json says then, None where there is too little to learn from."""
    seq = ledger.head_seq(connection, DATASET)
    texts = _texts(site, connection, catalogue)
    model = fit(texts, tree)
    if model is None:
        return None
    content = _packed(model)
    version = hashlib.sha256(content).hexdigest()[:16]
    found = measured(texts, tree)
    about = {
        "version": version,
        "learnt_at": utc_now(),
        "tickets": texts.height,
        "tree": 0 if tree is None else tree.height,
        "categories": len(model.labels),
        "seq": seq,
        "measured": None if found is None else asdict(found),
    }
    folder = site.models / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, data in ((f"{version}.npz", content), (_CURRENT, orjson.dumps(about))):
        coming = folder / f".{name}"
        write_synced(coming, data)
        coming.replace(folder / name)
    return about


def _texts(site: Site, connection: Connection, catalogue: Catalogue) -> pl.DataFrame:
    """ticket_no, text, label and received_on of the closed tickets; the texts stay in memory."""
    rows = columns.scan(site, connection, catalogue.get(DATASET)).filter(
        pl.col("closed_on").is_not_null(),
        pl.col("category_code").is_not_null(),
        pl.col("split_from").is_null(),
    )
    return rows.select(
        "ticket_no",
        pl.concat_str(_TEXT, separator="。", ignore_nulls=True).alias("text"),
        pl.col("category_code").str.head(CATEGORY).alias("label"),
        received().alias("received_on"),
    ).collect()


def current(site: Site) -> Known | None:
    """The model in use; None where nothing was learnt yet."""
    path = site.models / _FOLDER / _CURRENT
    if not path.is_file():
        return None
    about = orjson.loads(path.read_bytes())
    return Known(_unpacked(path.with_name(f"{about['version']}.npz")), about)


def suggest(
    site: Site, connection: Connection, catalogue: Catalogue, number: str
) -> dict[str, Any] | None:
    """What is suggested for a ticket: {version, suggestions: [{category, confidence}]}; None without a
    model. Its text is read in memory."""
    known = current(site)
    if known is None:
        return None
    rows = columns.scan(site, connection, catalogue.get(DATASET)).filter(
        pl.col("ticket_no") == number
    )
    texts = rows.select(
        pl.concat_str(_TEXT, separator="。", ignore_nulls=True).alias("text")
    ).collect()
    if texts.is_empty():
        return None
    (best,) = suggested(known.model, texts["text"])
    told = [{"category": label, "confidence": round(share, 4)} for label, share in best]
    return {"version": known.about["version"], "suggestions": told}


def _packed(model: Model) -> bytes:
    file = io.BytesIO()
    arrays = {name: np.asarray(value) for name, value in asdict(model).items()}
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _unpacked(path: Path) -> Model:
    with np.load(path, allow_pickle=False) as arrays:
        return Model(
            tuple(str(one) for one in arrays["labels"]),
            arrays["coefficients"],
            arrays["intercepts"],
            arrays["rarity"],
        )
