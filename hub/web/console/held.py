"""Runs that the breaker holds: what they would change, and the decision of a person."""

from __future__ import annotations

from typing import Any

from flask import request

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.sealed import sealed_names
from hub import held as held_runs
from hub import run_pages
from hub.audit.acting import tell
from hub.database import look, write
from hub.difference import changes_of
from hub.notices import of_feed
from hub.states import APPROVER
from hub.web.console import owners
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.feeds import READERS
from hub.web.console.own_feeds import feed_called, queue
from hub.web.console.policy import of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.runs import shows_keys, standard_named
from hub.web.console.visit import Visit

_SHOWN, _LONGEST = 50, 2_000  # runs of a page, characters of a reason


def add_held(console: Console) -> None:
    """Put the pages on the console."""
    owner = owners.of_run(console)
    _add_pages(console)

    @console.act("/held/<int:run_id>/release", of_roles(APPROVER, owner=owner), "run.release")
    def release(visit: Visit, run_id: int) -> Answer:
        reason = _reason()
        with look(console.engine) as connection:
            found = held_runs.find_held(connection, run_id)
            held_runs.check_decider(connection, run_id, visit.person)
        told = {"run": run_id, "actor": visit.person, "reason": reason}
        tell(reason=reason)
        number = queue(console, feed_called(console, found.feed), "feed_run", told)
        return see("feed_jobs.job", name=found.feed, number=number)

    @console.act("/held/<int:run_id>/discard", of_roles(APPROVER, owner=owner), "run.discard")
    def discard(visit: Visit, run_id: int) -> Answer:
        reason = _reason()
        tell(reason=reason)
        with write(console.engine) as connection:
            held_runs.find_waiting(connection, run_id)
            held_runs.decide(connection, run_id, held_runs.DISCARDED, visit.person, reason)
        say(speech(console).text("Run {run} was discarded.", run=run_id))
        return see("held.held")


def _add_pages(console: Console) -> None:
    @console.page("/held", of_roles(*READERS))
    def held(visit: Visit) -> Answer:
        """The runs of the visitor's departments that wait, in pages by number."""
        below = request.args.get("below", type=int)
        mine = sorted(visit.departments(*READERS))
        with look(console.engine) as connection:
            found = run_pages.held_runs(connection, mine, _own(console, mine), below, _SHOWN + 1)
        more = found[_SHOWN - 1]["id"] if len(found) > _SHOWN else None
        return page("held.html", runs=found[:_SHOWN], more=more, first=below is None)

    @console.page("/held/<int:run_id>", of_roles(*READERS, owner=owners.of_run(console)))
    def held_run(_visit: Visit, run_id: int) -> Answer:
        with look(console.engine) as connection:
            row = run_pages.find_run(connection, run_id)
            verdict = run_pages.verdict_of(connection, run_id)
            if verdict is None:
                held_runs.find_held(connection, run_id)  # says that it isn't held
            why = of_feed(connection, row["feed"], run_id)
            differences = [_shown(console, one) for one in changes_of(connection, run_id)]
        values = {"run": row, "verdict": verdict, "why": why, "differences": differences}
        return page("held_run.html", **values)


def _own(console: Console, departments: list[str]) -> list[str]:
    """The datasets whose standards are the departments': of runs that don't name a department."""
    catalogue = console.catalogue()
    return [n for n in catalogue.datasets() if catalogue.get(n).department in departments]


def _reason() -> str:
    """Raises Misdeclared (held_reason_missing)."""
    given = request.form.get("reason", "").strip()[:_LONGEST]
    if not given:
        raise Misdeclared(Issue("held_reason_missing"))
    return given


def _shown(console: Console, one: dict[str, Any]) -> dict[str, Any]:
    """A difference without what sealed fields say; without any value where nobody knows which are."""
    standard = standard_named(console, one["dataset"])
    sealed = None if standard is None else sealed_names(standard.fields)
    keys = shows_keys(standard)
    records = [
        {
            **record,
            "key": record["key"] if keys else None,
            "fields": {
                name: values
                for name, values in record["fields"].items()
                if sealed is not None and name not in sealed
            },
        }
        for record in one["records"]
    ]
    titles = {} if standard is None else standard.fields
    return {**one, "records": records, "titles": titles}
