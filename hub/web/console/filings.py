"""Filings: what parties filed, whose turn it is and until when, and what the staff do about it."""

from __future__ import annotations

from typing import Any

from flask import abort, request, send_file

from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from hub import filing_queue, filings, objections, repairs, work
from hub.answers import Texts, check_texts
from hub.audit.acting import nobody_acts, tell
from hub.audit.log import Entry, append
from hub.database import look, write
from hub.review import Desk
from hub.states import APPROVER, HANDLER
from hub.tables_of_filings import ANSWERED, IN_HANDLING, KINDS, RECEIVED, REPAIR
from hub.web.console import evidence_files, filing_shown
from hub.web.console.after_acts import hint, tell_parties
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import locale, say
from hub.web.console.owners import of_filing
from hub.web.console.policy import of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

STAFF = of_roles(HANDLER, APPROVER)
OWN = of_roles(HANDLER, APPROVER, owner=of_filing)
OWN_HANDLERS = of_roles(HANDLER, owner=of_filing)
_LONGEST = 4_000  # characters of an answer


def add_filings(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_queue(console)
    _add_filing(console)
    _add_answers(console)


def _add_queue(console: Console) -> None:
    @console.page("/filings/queue/<kind>", STAFF)
    def queue(visit: Visit, kind: str) -> Answer:
        if kind not in KINDS:
            abort(404)
        mine = visit.departments(HANDLER, APPROVER)
        over, after = "all" in request.args, request.args.get("after", "")[:64]
        with look(console.engine) as connection:
            found = filing_queue.closed if over else filing_queue.page
            rows, following = found(connection, mine, kind, after)
            counts = {one: filing_queue.count(connection, mine, one) for one in KINDS}
        values = {"rows": rows, "next": following, "counts": counts, "over": over, "after": after}
        return page("filings.html", kind=kind, most=filing_queue.MOST, **values)

    @console.act("/filings/take", of_roles(HANDLER), "filing.take")
    def take(_visit: Visit) -> Answer:
        job = work.submit(console.engine, "filings", {})
        with nobody_acts():
            done = work.work(console.site, console.engine, job) or {}
        counts = {name: done.get(name, 0) for name in ("taken", "known", "refused")}
        text = "Taken: {taken}, known before: {known}, set aside: {refused}"
        say(speech(console).text(text, **counts))
        return see("filings.queue", kind=request.form.get("kind") or KINDS[0])


def _add_filing(console: Console) -> None:
    @console.page("/filings/<int:number>", OWN)
    def show(visit: Visit, number: int) -> Answer:
        return shown(console, visit, number)

    @console.page("/filings/<int:number>/evidence/<int:place>", OWN)
    def evidence(visit: Visit, number: int, place: int) -> Answer:
        with look(console.engine) as connection:
            told = filings.show(connection, filing_queue.named(connection, number), visit.person)
        path, name = evidence_files.found(console.site, told, place)
        entry = Entry(visit.person, "filing.evidence", request.path, address=visit.place.address)
        with write(console.engine) as connection:  # whoever sees it leaves a trace
            append(connection, entry)
        return send_file(
            path, mimetype="application/octet-stream", as_attachment=True, download_name=name
        )

    @console.act("/filings/<int:number>/accept", OWN_HANDLERS, "filing.accept")
    def accept(visit: Visit, number: int) -> Answer:
        desk, name = desk_of(console, visit, number)
        hint(console, objections.accept(desk, name))
        tell_parties(console)
        say(speech(console).text("You have it in hand now."))
        return see("filings.show", number=number)


def _add_answers(console: Console) -> None:
    @console.act("/filings/<int:number>/preview", OWN, "filing.preview")
    def preview(visit: Visit, number: int) -> Answer:
        desk, name = desk_of(console, visit, number)
        with look(console.engine) as connection:
            row = filings.find(connection, name)
            filings.check_staff(connection, visit.person, row["department"])
        try:
            check_texts(row, texts())
        except HubError as error:
            return shown(console, visit, number, error.issue), 409
        seen = filing_shown.as_party_sees(
            row,
            desk.standard,
            locale(),
            texts(),
            filing_shown.state_after(request.form.get("outcome", "")),
        )
        return page(
            "filing_preview.html", number=number, seen=seen, form=request.form, kind=row["kind"]
        )

    @console.act("/filings/<int:number>/answer", OWN, "filing.answer")
    def answer(visit: Visit, number: int) -> Answer:
        desk, name = desk_of(console, visit, number)
        outcome = request.form.get("outcome", "")
        tell(outcome=outcome if outcome in objections.ENDS else "?")
        try:
            job = objections.answer(desk, name, outcome, texts())
        except HubError as error:
            if error.issue.code not in ("answer_missing", "answer_private", "outcome_unknown"):
                raise
            console.note_refusal("filing.answer", error.issue)
            return shown(console, visit, number, error.issue), 409
        return answered(console, number, job)


def desk_of(console: Console, visit: Visit, number: int) -> tuple[Desk, str]:
    """Where somebody decides on a filing, and the filing's number. Raises Misdeclared (filing_unknown)."""
    with look(console.engine) as connection:
        name = filing_queue.named(connection, number)
    return filings.desk_of(console.engine, console.catalogue(), name, visit.person), name


def texts() -> Texts:
    """The answer that a form carries."""
    chinese, english = (
        request.form.get(name, "").strip()[:_LONGEST] for name in ("text", "text_en")
    )
    return Texts(chinese, english or None)


def answered(console: Console, number: int, job: int | None) -> Answer:
    """What follows a decision: the release is queued, the party's file is written."""
    hint(console, job)
    tell_parties(console)
    words = (
        "Decided and answered. The publication follows at once."
        if job
        else "Decided and answered."
    )
    say(speech(console).text(words))
    return see("filings.show", number=number)


def shown(console: Console, visit: Visit, number: int, issue: Issue | None = None) -> str:
    """The page of a filing; with `issue`, why what was sent wasn't done, and what was written."""
    desk, name = desk_of(console, visit, number)
    with console.engine.connect() as connection:
        told = filings.show(connection, name, visit.person)
        record = filing_shown.record_of(connection, desk, told["record_id"])
    is_repair = told["kind"] == REPAIR
    conditions = repairs.conditions(desk, name) if is_repair and record else []
    mine = {role: told["department"] in visit.departments(role) for role in (HANDLER, APPROVER)}
    values: dict[str, Any] = {
        "number": number,
        "told": told,
        "contact": filing_shown.contact(told) if mine[HANDLER] else None,
        "record": record,
        "standard": desk.standard,
        "steps": filing_shown.steps(told),
        "days_left": filing_queue.days_left(told["due"], filing_shown.today())
        if told["state"] in (RECEIVED, IN_HANDLING) else None,
        "conditions": conditions,
        "seen": filing_shown.as_party_sees(told, desk.standard, locale()),
        "mine": mine,
        "outcomes": _outcomes(told, mine),
        "is_repair": is_repair,
        "form": request.form,
        "issue": issue,
    }  # fmt: skip
    return page("filing.html", **values)


def _outcomes(told: dict[str, Any], mine: dict[str, bool]) -> list[str]:
    """How who looks may answer it now."""
    promised = told["state"] == ANSWERED and told["outcome"] == "correction"
    if told["kind"] == REPAIR or not (told["state"] == IN_HANDLING or promised):
        return []
    return [
        name
        for name, (*_, role) in objections.ENDS.items()
        if mine[role] and not (promised and name == "correction")
    ]
