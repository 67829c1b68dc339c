"""What else the ledger knows of a penalised party: later penalties, and lists that it is on.

A party is the same where its code is the same: the credit code, else the registration number, else
the number of its certificate. Of records without any, or with another kind of code, the name alone
says that it may be the same, and a person has to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.standard import Standard
from hub.current import current_fields

PENALTIES = "administrative_penalty"
#: 经营异常名录, and the lists of serious offenders (45号令 art. 14; 总局令第44号).
LISTS = ("abnormal_operation_list", "quality_blacklist", "unfair_competition_list")
UNDONE = (
    "撤销",
    "确认违法",
    "无效",
)  # decisions that don't stand any more: codes/decision_states.csv
_CODES = ("uscc", "reg_no", "cert_no")
_NAME = "subject_name"


@dataclass(frozen=True, slots=True)
class Found:
    """`sure`: numbers of documents or entries of the party; `doubtful`: perhaps of the party."""

    sure: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()

    @property
    def none(self) -> bool | None:
        """True: there is nothing; False: there is; None: a person has to say."""
        return False if self.sure else None if self.doubtful else True


def later_penalties(
    connection: Connection, catalogue: Catalogue, record: Mapping[str, Any], day: str
) -> Found:
    """Penalties of the party of `record` that were decided after `day` (ISO) and still stand."""
    standard = catalogue.get(PENALTIES)
    more = ("doc_no", "decided_on", "status")
    known = _known(connection, standard, more)
    standing = pl.col("status").is_null() | ~pl.col("status").is_in(UNDONE)
    return _found(known.filter(pl.col("decided_on") > day, standing), record, "doc_no")


def lists_on(
    connection: Connection, catalogue: Catalogue, record: Mapping[str, Any], dataset: str
) -> Found:
    """Entries of `LISTS` on which the party still stands; but for `record` itself, an entry of
    `dataset`."""
    parts = []
    for name in LISTS:
        known = _known(connection, catalogue.get(name), ("entry_id", "removed_on"))
        known = known.filter(pl.col("removed_on").is_null())
        if name == dataset:
            known = known.filter(pl.col("entry_id") != record["entry_id"])
        parts.append(_found(known, record, "entry_id"))
    return Found(_all(one.sure for one in parts), _all(one.doubtful for one in parts))


def _known(connection: Connection, standard: Standard, more: tuple[str, ...]) -> pl.DataFrame:
    names = [name for name in (*_CODES, _NAME, *more) if name in standard.fields]
    known = current_fields(connection, standard.dataset, dict.fromkeys(names, pl.String))
    lost = [name for name in _CODES if name not in names]
    return known.with_columns(pl.lit(None, pl.String).alias(name) for name in lost)


def _found(known: pl.DataFrame, record: Mapping[str, Any], document: str) -> Found:
    code = next((name for name in _CODES if record.get(name)), None)
    named = (pl.col(_NAME) == record.get(_NAME)).fill_null(value=False)
    if code is None:
        return Found(doubtful=_documents(known.filter(named), document))
    same = (pl.col(code) == record[code]).fill_null(value=False)
    unsure = named & pl.col(code).is_null()
    return Found(*(_documents(known.filter(one), document) for one in (same, unsure)))


def _documents(rows: pl.DataFrame, document: str) -> tuple[str, ...]:
    return tuple(rows[document].drop_nulls().sort().to_list())


def _all(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(one for part in parts for one in part)
