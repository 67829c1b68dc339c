"""What a way of delivery is: code that hands a parcel over, and tells what the province said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from exchange_schemas.errors import HubError
from hub.outbound.parcel import Parcel, no_answers

#: (name, hex SHA-256) of return files.
Files = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of handing a parcel over.

    `answers` (`parcel.ANSWERS`) are of the entries of which the province said something now. Where the
    rest is `handed` over for sure it answers later; else nobody knows, and it is sent again. `error` is why,
    `away` whether it would be the same with other parcels.
    """

    answers: pl.DataFrame = field(default_factory=no_answers)
    handed: bool = False
    error: HubError | None = None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """What the province said later. `name` and `sha256` are of the file that it said it in.

    Without `flow` an answer is of what was delivered and has the document's number `_document`.
    """

    answers: pl.DataFrame
    name: str = ""
    sha256: str = ""


class Way(Protocol):
    """A kind of `ways.WAYS`, connected when it is first needed."""

    def send(self, parcel: Parcel) -> Sent:
        """Hand the parcel over; what was handed over before under the same flows changes nothing.

        Raises HubError; what reached the province then nobody knows.
        """

    def collect(self, known: Files, flows: pl.Series) -> Iterator[Returned]:
        """What the province has answered since to the open `flows`; `known` are the files taken before.

        Raises HubError.
        """

    def close(self) -> None:
        """Let go of the connection, in whatever state it is."""
