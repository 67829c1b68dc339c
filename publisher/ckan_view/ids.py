"""Names that CKAN wants to be UUIDs: made from ours, so they stay the same whatever is released."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

import polars as pl
import polars_hash  # noqa: F401  # registers .chash

ROW_DIGITS = 13  # hex digits of a row's number: 52 bits, which every JSON reader keeps


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of one site. `address` is its permanent one, so that two sites have different ids."""

    address: str = ""

    def package(self, dataset: str) -> str:
        """Of a dataset."""
        return self._id(f"dataset/{dataset}")

    def resource(self, dataset: str, file: str) -> str:
        """Of a file of a dataset, through all releases."""
        return self._id(f"dataset/{dataset}/{file}")

    def organisation(self, department: str) -> str:
        """Of a department."""
        return self._id(f"department/{department}")

    def tag(self, tag: str) -> str:
        """Of a tag."""
        return self._id(f"tag/{tag}")

    def _id(self, name: str) -> str:
        site: UUID = uuid5(NAMESPACE_URL, self.address or "urn:exchange-hub")
        return str(uuid5(site, name))


def row_number(record_id: str) -> int:
    """`_id` of a record: the same in every release."""
    return int(hashlib.sha256(record_id.encode()).hexdigest()[:ROW_DIGITS], 16)


def row_numbers(record_ids: pl.Expr) -> pl.Expr:
    """`row_number` of a column."""
    digest: pl.Expr = record_ids.chash.sha2_256()  # type: ignore[attr-defined]  # polars_hash adds it
    return digest.str.slice(0, ROW_DIGITS).str.to_integer(base=16, dtype=pl.Int64)
