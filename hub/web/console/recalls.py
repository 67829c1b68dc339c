"""Recalls: opened from a failed sample, and every step until the goods are back."""

from __future__ import annotations

import polars as pl
from flask import request

from exchange_schemas.errors import Misdeclared
from exchange_schemas.lots import batch_key_of
from hub.analysis.asking import ask_for
from hub.database import write
from hub.states import HANDLER
from hub.trace import recalls
from hub.trace.movements import OFFICES
from hub.trace.recalls import OFFICE, RUNNING, Opening, recall_no
from hub.trace.searching import lots_of
from hub.trace.unqualified import UNQUALIFIED, unqualified
from hub.trace.words import STEPS
from hub.web.console.after_acts import hint
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.policy import EVERY_ROLE, STAFF, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.trace import inputs_of
from hub.web.console.visit import Visit

OPENERS = of_roles(HANDLER, owner=lambda _connection, _named: frozenset((OFFICE,)))
_LONGEST = 2_000  # characters of a reason
FIELDS = (
    "product_name", "spec", "batch", "producer_name", "producer_uscc", "recalled_by", "kind", "level",
    "quantity_sold", "unit", "authority", "sample_no", "penalty_doc_no", "reason",
)  # fmt: skip


def add_recalls(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_list(console)
    _add_opening(console)
    _add_steps(console)


def _add_list(console: Console) -> None:
    @console.page("/recalls", STAFF)
    def listing(visit: Visit) -> Answer:
        with console.engine.connect() as connection:
            rows = recalls.listing(connection)
        return page("recalls.html", rows=rows, recall_no=recall_no, may_open=_may(visit))

    @console.page("/recalls/<int:number>", STAFF)
    def show(visit: Visit, number: int) -> Answer:
        with console.engine.connect() as connection:
            found = recalls.find(connection, number)
            steps = recalls.steps(connection, number)
        values = {"number": recall_no(found.id, found.started_on), "steps": steps, "words": STEPS}
        may_act = _may(visit) and found.state == RUNNING
        lots = pl.DataFrame()
        if found.batch and OFFICES & visit.departments(*EVERY_ROLE):
            lots = lots_of(inputs_of(console), found.batch, found.producer_name)
        ways = [{**lot, "way": batch_key_of(lot["batch"] or "")} for lot in lots.to_dicts()]
        return page("recall.html", recall=found, may_act=may_act, lots=ways, **values)


def _add_opening(console: Console) -> None:
    @console.page("/recalls/new", OPENERS)
    def new(_visit: Visit) -> Answer:
        return _form(_asked(console), None)

    @console.act("/recalls/new", OPENERS, "recall.open")
    def begin(visit: Visit) -> Answer:
        given = {name: request.form.get(name, "").strip()[:_LONGEST] for name in FIELDS}
        try:
            evidence = _evidence(console, given["sample_no"])
            opening = Opening(**given, evidence=evidence)
            with write(console.engine) as connection:
                number = recalls.open_recall(connection, opening, visit.person)
                queued = ask_for(connection, "trace")
        except Misdeclared as error:
            console.note_refusal("recall.open", error.issue)
            return _form(given, error), 400
        hint(console, queued)
        say(speech(console).text("The recall is open; its record goes to review."))
        return see("recalls.show", number=number)


def _add_steps(console: Console) -> None:
    @console.act("/recalls/<int:number>/step", OPENERS, "recall.step")
    def step(visit: Visit, number: int) -> Answer:
        form = request.form
        quantity, unit = (form.get(name, "").strip()[:20] or None for name in ("quantity", "unit"))
        reason = form.get("reason", "").strip()[:_LONGEST]
        with write(console.engine) as connection:
            recalls.act(
                connection, number, form.get("act", ""), visit.person, reason, quantity, unit
            )
            queued = ask_for(connection, "trace")
        hint(console, queued)
        say(speech(console).text("Noted."))
        return see("recalls.show", number=number)


def _asked(console: Console) -> dict[str, str]:
    """The form's fields, as a failed sample has them."""
    sample_no = request.args.get("sample", "")[:64]
    if not sample_no:
        return {}
    sample = unqualified(inputs_of(console), sample_no).sample
    told = {
        "product_name": sample["product_name"],
        "spec": sample["spec_model"],
        "batch": sample["production_date_or_batch"],
        "producer_name": sample["nominal_producer"],
        "producer_uscc": sample["nominal_producer_uscc"],
        "authority": sample["authority"],
        "sample_no": sample_no,
        "reason": sample["item_name"],
    }
    return {name: value for name, value in told.items() if value}


def _evidence(console: Console, sample_no: str) -> tuple[str, ...]:
    """The records of a failed sample, as dataset:key. Raises Misdeclared (unqualified_unknown)."""
    if not sample_no:
        return ()
    found = unqualified(inputs_of(console), sample_no)
    chains = [code for one, _ in found.chains for code in one.walk.rows["trace_batch_no"].head(1)]
    items = [f"{UNQUALIFIED}:{one['_key']}" for one in found.items]
    return (*items, *(f"food_trace_ledger:{code}" for code in chains))


def _form(given: dict[str, str], error: Misdeclared | None) -> str:
    known = {"levels": recalls.LEVELS, "kinds": recalls.KINDS}
    return page("recall_new.html", given=given, issue=error.issue if error else None, **known)


def _may(visit: Visit) -> bool:
    return OFFICE in visit.departments(HANDLER)
