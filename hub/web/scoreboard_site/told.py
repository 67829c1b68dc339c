"""Everything that the pages of one scoreboard tell, read from the database once."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from hub.reporting import reporting
from hub.reports_owed import OWED
from hub.scope import Scope
from hub.scoreboard import GROUPS, board
from hub.scoreboard_lists import causes, listed, overdue_records

SHOWN = 1000  # ids on a page, and records of an overdue list


@dataclass(frozen=True, eq=False)
class Told:
    """`board`, `causes`, `late` and `ids` as `scoreboard` and `scoreboard_lists` give them.

    `silent` are the reports (`OWED`) that are overdue.
    """

    catalogue: Catalogue
    scope: Scope
    board: pl.DataFrame
    causes: pl.DataFrame
    late: pl.DataFrame
    silent: pl.DataFrame
    ids: pl.DataFrame

    def of(self, frame: pl.DataFrame, department: str) -> pl.DataFrame:
        """The rows of one department."""
        return frame.filter(pl.col("department") == department)


def tell(connection: Connection, catalogue: Catalogue, scope: Scope) -> Told:
    """Raises Refused (calendar_over)."""
    owed = reporting(connection, catalogue, scope.names, scope.months, scope.on)
    silent = owed.filter(pl.col("by").is_null(), pl.col("due") < scope.on)
    if scope.department is not None:
        silent = silent.filter(pl.col("department") == scope.department)
    return Told(
        catalogue,
        scope,
        board(connection, catalogue, scope),
        causes(connection, scope),
        overdue_records(connection, scope, SHOWN),
        silent.select(list(OWED)).sort("due", "department", "dataset", "owner"),
        listed(connection, scope, SHOWN).sort(*GROUPS, "measure", maintain_order=True),
    )
