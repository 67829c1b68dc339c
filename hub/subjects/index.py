"""The index of subjects: whose each record is, as Parquet files beside the copies of datasets.

    columns/_subjects/position.json   which files count, and up to where each ledger was read
                      mentions-….parquet   each party of each record, with its node and subject
                      nodes-….parquet      the facts of each node
                      compared-….parquet   names and facts as they are compared
                      links-….parquet      what records without a code may be

It follows from the ledger and the decisions of people and may be thrown away at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, func, select

from exchange_schemas.standard import Dtype
from hub.analysis.shelf import alone
from hub.exchange.tables import exchange_erased
from hub.ledger import head_seq
from hub.site import Site
from hub.subjects.layer import Layer
from hub.subjects.parties import MENTION
from publisher.disk import write_synced

FOLDER = "_subjects"
_POSITION = "position.json"
FORMAT = 2  # of the files: another one is built anew
INDEXED: dict[str, Dtype] = {**MENTION, "node": pl.String, "how": pl.String, "subject": pl.String}
NODES: dict[str, Dtype] = {
    "node": pl.String, "name": pl.String, "names": pl.List(pl.String), "kind": pl.String, "rep": pl.String,
    "division": pl.String, "address": pl.String, "state": pl.String, "reg_nos": pl.List(pl.String),
    "org_codes": pl.List(pl.String), "last": pl.String, "count": pl.Int64, "records": pl.List(pl.String), "hows": pl.List(pl.String),
}  # fmt: skip
COMPARED: dict[str, Dtype] = {
    "node": pl.String, "norm": pl.String, "core": pl.String, "head": pl.String, "whole": pl.Boolean,
    "branch": pl.Boolean, "rep": pl.String, "county": pl.String, "city": pl.String, "address": pl.String,
}  # fmt: skip
LINKS: dict[str, Dtype] = {
    "lonely": pl.String, "coded": pl.String, "score": pl.Float64, "weight": pl.Float64,
    "reasons": pl.List(pl.String), "automatic": pl.Boolean,
}  # fmt: skip
#: Node → subject, of the nodes that aren't a subject of their own.
JOINED: dict[str, Dtype] = {"node": pl.String, "subject": pl.String}
#: Layer → its columns, the key of its rows, and their order.
LAYERS: Mapping[str, tuple[Mapping[str, Dtype], str, str]] = {
    "mentions": (INDEXED, "place", "subject"),
    "nodes": (NODES, "node", "node"),
    "compared": (COMPARED, "node", "node"),
    "links": (LINKS, "lonely", "lonely"),
    "joined": (JOINED, "node", "node"),
}


@dataclass(frozen=True, slots=True)
class Index:
    """`seqs`: up to which entry of each ledger it has read; `erasure` and `parties` say when it is to be
    built anew; `number` grows with each version, and `building` is another one each time it is built anew."""

    folder: Path
    layers: Mapping[str, Layer]
    seqs: Mapping[str, int] = field(default_factory=dict)
    erasure: int = 0
    parties: str = ""
    number: int = 0
    building: str = ""

    @property
    def built(self) -> bool:
        """Whether there is anything."""
        return self.layers["mentions"].base is not None

    def scan(self, layer: str, where: pl.Expr | None = None) -> pl.LazyFrame:
        """Rows of a layer."""
        return self.layers[layer].scan(where)

    def frame(self, layer: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """The same, read."""
        found: pl.DataFrame = self.scan(layer, where).collect()
        return found

    def based(self, **rows: pl.DataFrame) -> Index:
        """The next version, of which these layers are written anew; it counts after `keep`."""
        number = self.number + 1
        made = {name: self.layers[name].based(frame, number) for name, frame in rows.items()}
        return replace(self, layers={**self.layers, **made}, number=number)

    def grown(self, **parts: tuple[pl.DataFrame, pl.Series]) -> Index:
        """The next version, where rows took the place of those with the keys."""
        number = self.number + 1
        made = {
            name: self.layers[name].grown(rows, keys, number)
            for name, (rows, keys) in parts.items()
        }
        return replace(self, layers={**self.layers, **made}, number=number)

    def keep(self, site: Site, connection: Connection) -> bool:
        """Let this version count; files that neither it nor the one before it names are removed. False where
        content was erased since it was read: it may have some of that, so it doesn't count."""
        with alone(site, connection, FOLDER):
            before, fits = read_folder(self.folder), last_erasure(connection) == self.erasure
            if fits:
                write_synced(coming := self.folder / f".{_POSITION}", self._told())
                coming.replace(self.folder / _POSITION)
            stays = before.files | (self.files if fits else set())
            for path in self.folder.glob("*.parquet"):
                if path.name not in stays:
                    path.unlink(missing_ok=True)
        return fits

    def _told(self) -> bytes:
        files = {name: [one.base, one.delta] for name, one in self.layers.items()}
        return orjson.dumps({
            "format": FORMAT, "seqs": dict(self.seqs), "erasure": self.erasure, "parties": self.parties,
            "number": self.number, "building": self.building, "files": files,
        })  # fmt: skip

    @property
    def files(self) -> set[str]:
        """The names of its files."""
        return {name for one in self.layers.values() for name in (one.base, one.delta) if name}


def read(site: Site) -> Index:
    """The index of a site; nothing is in it where it was never built, or in another format."""
    return read_folder(site.columns / FOLDER)


def read_folder(folder: Path) -> Index:
    """The index in a folder; nothing where a file of it is missing."""
    path = folder / _POSITION
    told = orjson.loads(path.read_bytes()) if path.is_file() else {}
    found = _index(folder, told if told.get("format") == FORMAT else {})
    whole = all((folder / name).is_file() for name in found.files)
    return found if whole else _index(folder, {"number": found.number})


def _index(folder: Path, told: Mapping[str, Any]) -> Index:
    files = told.get("files", {})
    layers = {
        name: Layer(folder, name, schema, key, order, *files.get(name, (None, None)))
        for name, (schema, key, order) in LAYERS.items()
    }
    empty = {"seqs": {}, "erasure": 0, "parties": "", "number": 0, "building": ""}
    return Index(folder, layers, **{name: told.get(name, value) for name, value in empty.items()})


def is_wanting(site: Site, connection: Connection) -> bool:
    """Whether there is none, or one that has read more than the ledgers say now, as after a restore."""
    known = read(site)
    seqs = known.seqs.items()
    return not known.built or any(head_seq(connection, name) < last for name, last in seqs)


def last_erasure(connection: Connection) -> int:
    """The number of the last erasure of content."""
    return int(connection.scalar(select(func.max(exchange_erased.c.erasure_id))) or 0)


def forget(site: Site, connection: Connection) -> None:
    """Throw it away, e.g. because content was erased."""
    with alone(site, connection, FOLDER):
        for path in (site.columns / FOLDER).glob("[!.]*"):
            path.unlink(missing_ok=True)
