"""Deciding on a whole change set: a filter, a random sample that must be looked at, one decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub import ledger, samples
from hub.chosen import matching
from hub.database import write
from hub.decisions import Decision, decide
from hub.review import Desk, may_decide, said
from hub.states import BY_NAME
from hub.tables_of_review import disclosure

ACTS = ("review", "approve")


def draw_sample(
    desk: Desk, name: str, condition: Mapping[str, Any], size: int | None = None
) -> dict[str, Any]:
    """Draw a sample of what the actor may review or approve (`name`) under a condition.

    Returns {sample, records, drawn}: its number, how many records it stands for, and which ones
    have to be looked at. Raises Refused (role_missing, sample_empty), Misdeclared
    (condition_invalid).
    """
    with write(desk.engine) as connection:
        number = ledger.dataset_id(connection, desk.standard.dataset)
        mine = (disclosure.c.dataset_id == number) & may_decide(connection, desk, name)
        mine &= disclosure.c.state.in_(BY_NAME[name].sources)
        rows = matching(connection, desk.catalogue, desk.standard, mine, condition)
        made = samples.draw(connection, number, name, desk.actor, condition, rows, size)
        drawn = samples.drawn_records(connection, made)
    return {"sample": made, "records": rows.height, "drawn": drawn}


def decide_sample(
    desk: Desk, sample_id: int, *, secrecy: bool = False, privacy: bool = False
) -> int:
    """Review or approve the change set of a sample, once all that was drawn was looked at.

    Records whose view has changed since, or that somebody else decided on, aren't among them.
    Returns how many. Raises Refused (sample_unseen, sample_used, not_examined, role_missing),
    Misdeclared (sample_unknown).
    """
    with write(desk.engine) as connection:
        drawn = samples.ready(connection, sample_id, desk.actor)
        values, found = said(desk, drawn.act, secrecy=secrecy, privacy=privacy)
        mine = may_decide(connection, desk, drawn.act) & samples.among_sample(sample_id)
        more = {**found, "sample_id": sample_id, "condition": drawn.condition}
        made = Decision(
            drawn.dataset_id, drawn.act, desk.rule, desk.actor, more=tuple(more.items())
        )
        count = decide(connection, made, mine, values)
        samples.use(connection, sample_id)
    return count
