"""What analyses found, as commands read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.cli.context import Session

if TYPE_CHECKING:
    import polars as pl


def records(session: Session, dataset: str) -> pl.DataFrame:
    """All fields of the dataset's records now, and `_key`."""
    from hub.analysis import columns  # keeps `hub --help` quick

    engine = session.engine()
    with engine.connect() as connection:
        standard = session.catalogue().get(dataset)
        return columns.scan(session.site(), connection, standard).drop("_seq").collect()
