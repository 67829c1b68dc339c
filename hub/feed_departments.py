"""Whose feed it is, and who may deliver records of a dataset."""

from __future__ import annotations

from datetime import date

from adapters.feed import Feed
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.standard import Standard

DELIVERS = (
    "owner",
    "co_owner",
    "supplier",
)  # roles of departments in a dataset; a maintainer doesn't


def department_of(feed: Feed, catalogue: Catalogue) -> str | None:
    """The department whose records the feed brings; None where its standard is unknown."""
    if feed.department is not None:
        return feed.department
    try:
        return catalogue.get(feed.standard, feed.version).department
    except Misdeclared:
        return None


def may_deliver(standard: Standard, department: str, day: date) -> bool:
    """Whether a department has a part in the dataset, on that day, that lets it deliver records."""
    if department == standard.department:
        return True
    return any(
        one.department == department and one.role in DELIVERS and one.valid_on(day)
        for one in standard.owners
    )
