"""A subject's class, explained: every record that counts, what was left out, its warnings and appeals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Connection

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.credit_rules import CreditRules
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.analysis import columns
from hub.credit import appeals
from hub.credit.contributions import Contribution, parse
from hub.credit.versions import in_force
from hub.site import Site
from hub.subjects import index

CLASS, WARNING = "credit_class", "credit_warning"


@dataclass(frozen=True, slots=True)
class Counted:
    """A contribution with what its indicator is called; the ids stand for names that are no more."""

    line: Contribution
    title: str
    title_en: str
    dimension: str | None
    basis: str


@dataclass(frozen=True, slots=True)
class Explained:
    """`record` is the subject's record of credit_class."""

    record: Mapping[str, Any]
    counted: tuple[Counted, ...]
    warnings: tuple[Mapping[str, Any], ...]
    appeals: tuple[Mapping[str, Any], ...]


def explain(site: Site, connection: Connection, catalogue: Catalogue, subject: str) -> Explained:
    """All about one subject; raises Misdeclared (credit_subject_unknown)."""
    rows = _of(site, connection, catalogue, CLASS, subject)
    if not rows:
        raise Misdeclared(Issue("credit_subject_unknown", value=subject[:64]))
    rules = in_force(connection, today())
    events = _of(site, connection, catalogue, WARNING, subject)
    return Explained(
        rows[0],
        tuple(_counted(rules, line) for line in rows[0]["contributions"] or ()),
        tuple(
            sorted(events, key=lambda one: (one["ended_on"] or "~", one["began_on"]), reverse=True)
        ),
        tuple(appeals.listing(connection, numbers=appeals_of(site, connection, subject))),
    )


def appeals_of(site: Site, connection: Connection, subject: str) -> list[int]:
    """The numbers of a subject's appeals, also of those against its records when it had another id."""
    mine = index.read(site).frame("mentions", pl.col("subject") == subject)
    records = set(mine.select("dataset", "key").iter_rows())
    return appeals.about(connection, subject, records)


def find_contribution(
    site: Site, connection: Connection, catalogue: Catalogue, subject: str, line: str
) -> Contribution:
    """The contribution that counts now and reads so, or whose key is so where only one has it.

    Raises Misdeclared (credit_subject_unknown), Refused (credit_contribution_unknown).
    """
    found = explain(site, connection, catalogue, subject)
    lines = found.record["contributions"] or ()
    chosen = [one for one in lines if one == line] or [
        one for one in lines if parse(one).key == line
    ]
    if len(chosen) != 1:
        raise Refused(Issue("credit_contribution_unknown", value=subject))
    return parse(chosen[0])


def _of(
    site: Site, connection: Connection, catalogue: Catalogue, dataset: str, subject: str
) -> list[dict[str, Any]]:
    rows = columns.scan(site, connection, catalogue.get(dataset))
    return rows.filter(pl.col("subject") == subject).drop("_key", "_seq").collect().to_dicts()


def _counted(rules: CreditRules, line: str) -> Counted:
    one = parse(line)
    known = next((i for i in rules.indicators if i.id == one.indicator), None)
    if known is None:
        return Counted(one, one.indicator, one.indicator, None, "")
    return Counted(one, known.title.zh, known.title.en, known.dimension, known.basis)
