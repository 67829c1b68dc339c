"""Why records left the public: the reason and the law, for the tombstones of a release.

Only codes and articles go out, never what a person wrote.
"""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.law import Law
from hub.bulk import select_frame
from hub.states import SHOWABLE, STATES
from hub.tables_of_review import decision, disclosure
from publisher.deltas import REMOVALS

_READ = dict.fromkeys([*REMOVALS.names(), "rule"], pl.String)


def removals(connection: Connection, number: int, law: Law) -> pl.DataFrame:
    """record_id, reason and legal_basis (`REMOVALS`) of the records that were released once and may
    not be shown now. Where a rule of the law ended it, the basis is that rule's own."""
    away = [state for state in STATES if state not in SHOWABLE]
    query = (
        select(
            disclosure.c.record_id,
            decision.c.reason_code.label("reason"),
            decision.c.legal_basis,
            disclosure.c.until_rule.label("rule"),
        )
        .join(decision, decision.c.id == disclosure.c.decision_id)
        .where(
            disclosure.c.dataset_id == number,
            disclosure.c.state.in_(away),
            disclosure.c.release.is_not(None),
        )
    )
    bases = {rule.name: rule.basis for rule in (*law.clocks, *law.never)}
    found = select_frame(connection, query, _READ)
    own = pl.col("rule").replace_strict(bases, default=None, return_dtype=pl.String)
    ended = pl.when(pl.col("reason") == "term_over").then(own)
    basis = pl.coalesce(ended, "legal_basis").alias("legal_basis")
    return found.with_columns(basis).select(REMOVALS.names())
