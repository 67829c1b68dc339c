"""All that is suggested for one ticket, and the category that somebody chooses. Nothing of its text."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from hub.complaints import acting, category_model, deciding, mixed, results, splitting
from hub.complaints.people import Clerk
from hub.database import write
from hub.site import Site


def suggestions(
    site: Site, engine: Engine, catalogue: Catalogue, one: Clerk, number: str
) -> dict[str, Any]:
    """For a ticket that somebody sees: {ticket_no, categories: [{category, confidence}], model, split: None or
    {part, demand, report, demand_titles, report_titles}, group: None or a record of complaint_group,
    decided: {split, category}, each None or {choice, part_no, reason, actor, at}}.

    Raises Misdeclared (ticket_unknown).
    """
    with write(engine) as connection:
        row = acting.find(connection, one, number)
    with engine.connect() as connection:
        told = category_model.suggest(site, connection, catalogue, number)
        split = splitting.suggestion(site, connection, catalogue, row)
        group = results.group_of(site, connection, catalogue, number)
        decided = {
            matter: _shown(deciding.last(connection, matter, number))
            for matter in (deciding.SPLIT, deciding.CATEGORY)
        }
    if split is not None:
        split |= {f"{side}_titles": mixed.titles(split[side]) for side in mixed.SIDES}
    return {
        "ticket_no": number,
        "categories": [] if told is None else told["suggestions"],
        "model": None if told is None else told["version"],
        "split": split,
        "group": group,
        "decided": decided,
    }


def choose(
    site: Site,
    engine: Engine,
    catalogue: Catalogue,
    one: Clerk,
    number: str,
    code: str,
    reason: str,
) -> dict[str, Any]:
    """Say which category a ticket has, and note what was suggested; see `deciding.decide_category`."""
    with engine.connect() as connection:
        told = category_model.suggest(site, connection, catalogue, number)
    with write(engine) as connection:
        return deciding.decide_category(connection, one, number, code, told, reason)


def _shown(row: Any) -> dict[str, Any] | None:
    names = ("choice", "part_no", "reason", "actor", "at")
    return None if row is None else {name: row[name] for name in names}
