"""Who wants to be told of which warnings, and what is new to them.

A watch names levels, rules, divisions and sections of industry; what it doesn't name it takes all of. New is
what the ledger of warnings said after the entry up to which it was read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.codes import load_codes
from exchange_schemas.credit_rules import LEVELS, CreditRules
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.language import LOCALES
from hub import ledger
from hub.analysis import columns
from hub.credit.tables import credit_watch
from hub.instant import utc_now
from hub.site import Site
from hub.tables import dataset, revision

DATASET = "credit_warning"
_PART = 10_000  # keys that are asked for at one time
ASKED = ("levels", "rules", "divisions", "industries")
_FIELDS = {
    "levels": "level",
    "rules": "rule",
    "divisions": "division_code",
    "industries": "industry_section",
}


@dataclass(frozen=True, slots=True)
class Watch:
    """What somebody asked for; `address` None: no mail."""

    number: int
    person: str
    levels: tuple[str, ...]
    rules: tuple[str, ...]
    divisions: tuple[str, ...]
    industries: tuple[str, ...]
    address: str | None
    language: str
    read_seq: int
    mailed_seq: int

    def wanted(self) -> pl.Expr:
        """Which rows of the warnings it takes."""
        asked = [
            pl.col(_FIELDS[name]).is_in(list(getattr(self, name))).fill_null(value=False)
            for name in ASKED
            if getattr(self, name)
        ]
        return pl.all_horizontal(asked) if asked else pl.lit(value=True)


def choices(rules: CreditRules) -> Mapping[str, Sequence[str]]:
    """What may be asked for: name → codes."""
    industries = load_codes("industries").codes
    return {
        "levels": LEVELS,
        "rules": [rule.id for rule in rules.warnings],
        "divisions": list(load_codes("division_tiles").codes),
        "industries": [name for name in industries if len(name) == 1],
    }


def watch(
    connection: Connection,
    rules: CreditRules,
    person: str,
    asked: Mapping[str, Sequence[str]],
    address: str | None = None,
    language: str = LOCALES[0],
) -> int:
    """Begin to tell a person of warnings from now on; returns the watch's number.

    Raises Misdeclared (credit_watch_wrong) for what there isn't, or a mailbox that isn't one.
    """
    known = choices(rules)
    row: dict[str, Any] = {
        name: json.dumps(_chosen(name, asked.get(name, ()), known[name]), ensure_ascii=False)
        for name in ASKED
    }
    seq = ledger.head_seq(connection, DATASET)
    row |= {
        "person": person,
        "address": _mailbox(address),
        "language": language if language in LOCALES else LOCALES[0],
        "read_seq": seq,
        "mailed_seq": seq,
        "made_at": utc_now(),
    }
    made = insert(credit_watch).values(row).returning(credit_watch.c.id)
    return int(connection.scalar(made) or 0)


def _chosen(name: str, told: Sequence[str], known: Sequence[str]) -> list[str]:
    for value in told:
        if value not in known:
            words = {"field": name, "expected": ", ".join(known)}
            raise Misdeclared(
                Issue("credit_watch_wrong", field=name, value=value[:64], params=words)
            )
    return list(dict.fromkeys(told))


def _mailbox(address: str | None) -> str | None:
    told = (address or "").strip()
    if not told:
        return None
    name, at, host = told.rpartition("@")
    if not (name and at and "." in host) or len(told) > 200 or any(c in told for c in " ,;<>\r\n"):
        words = {"field": "address", "expected": "name@example.gov.cn"}
        raise Misdeclared(
            Issue("credit_watch_wrong", field="address", value=told[:64], params=words)
        )
    return told


def end(connection: Connection, number: int, person: str) -> None:
    """End a watch of one's own; raises Misdeclared (credit_watch_unknown)."""
    mine = _living(person) & (credit_watch.c.id == number)
    ended = update(credit_watch).where(mine).values(ended_at=utc_now(), address=None)
    if not connection.execute(ended).rowcount:
        raise Misdeclared(Issue("credit_watch_unknown", value=str(number)))


def read(connection: Connection, person: str, seq: int) -> None:
    """Note that somebody has read what came up to an entry of the ledger."""
    later = _living(person) & (credit_watch.c.read_seq < seq)
    connection.execute(update(credit_watch).where(later).values(read_seq=seq))


def of_person(connection: Connection, person: str) -> list[Watch]:
    """Somebody's watches."""
    query = select(credit_watch).where(_living(person)).order_by(credit_watch.c.id)
    return [_watch(row) for row in connection.execute(query).mappings()]


def with_mail(connection: Connection, before: int) -> list[Watch]:
    """Watches that are to be mailed and weren't told of everything up to an entry."""
    mine = credit_watch.c.ended_at.is_(None) & credit_watch.c.address.is_not(None)
    query = select(credit_watch).where(mine, credit_watch.c.mailed_seq < before)
    return [_watch(row) for row in connection.execute(query).mappings()]


def mailed(connection: Connection, number: int, seq: int) -> None:
    """Note that a watch was told of what came up to an entry."""
    mine = credit_watch.c.id == number
    connection.execute(update(credit_watch).where(mine).values(mailed_seq=seq))


def news(
    site: Site, connection: Connection, catalogue: Catalogue, one: Watch, after: int
) -> pl.DataFrame:
    """The warnings of a watch that began, changed or ended after an entry of the ledger, the newest first."""
    rows = columns.scan(site, connection, catalogue.get(DATASET))
    found = rows.filter(pl.col("_seq") > after, one.wanted()).collect()
    return found.sort("_seq", descending=True)


def first_said(connection: Connection, keys: Sequence[str], after: int) -> set[str]:
    """Those of the keys of warnings of which nothing was said before."""
    number = select(dataset.c.id).where(dataset.c.name == DATASET).scalar_subquery()
    said: set[str] = set()
    for at in range(0, len(keys), _PART):  # a statement takes so many values and no more
        query = select(revision.c.key).where(
            revision.c.dataset_id == number,
            revision.c.seq <= after,
            revision.c.key.in_(keys[at : at + _PART]),
        )
        said.update(connection.scalars(query))
    return set(keys) - said


def _living(person: str) -> Any:
    return (credit_watch.c.person == person) & credit_watch.c.ended_at.is_(None)


def _watch(row: Any) -> Watch:
    lists = {name: tuple(json.loads(row[name])) for name in ASKED}
    return Watch(
        number=row["id"], person=row["person"], address=row["address"], language=row["language"],
        read_seq=row["read_seq"], mailed_seq=row["mailed_seq"], **lists,
    )  # fmt: skip
