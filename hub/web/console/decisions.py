"""What people decide on one record: each act by POST, bound to the view that was shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from flask import g, request, url_for
from sqlalchemy import select

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.language import DEFAULT_LOCALE, translate
from hub import review, showing, work
from hub.audit.acting import nobody_acts, tell
from hub.chosen import Chosen
from hub.database import look
from hub.decisions import Reason
from hub.inbox import Place
from hub.review import Desk
from hub.states import BY_NAME
from hub.tables_of_review import decision
from hub.web.console.console import Answer, Console, View, see
from hub.web.console.cookies import say
from hub.web.console.owners import of_approval, of_record
from hub.web.console.policy import of_roles
from hub.web.console.record import found_row
from hub.web.console.record_words import DONE, STATES
from hub.web.console.rendering import speech
from hub.web.console.trail import Trail, following
from hub.web.console.visit import Visit

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST = 1_000  # characters of a reason in one's own words

Do = Callable[[Desk, Chosen], int]


def add_decisions(console: Console) -> None:
    """Put the acts on the console."""
    _add_yes(console)
    _add_no(console)


def _on_record(console: Console, act: str) -> Callable[[View], View]:
    owner = of_approval(console) if act == "approve" else of_record
    policy = of_roles(BY_NAME[act].by, owner=owner)
    return console.act(f"/records/<dataset>/<record>/{act}", policy, f"disclosure.{act}")


def _add_yes(console: Console) -> None:
    @_on_record(console, "review")
    def check(visit: Visit, dataset: str, record: str) -> Answer:
        secrecy, privacy = "secrecy" in request.form, "privacy" in request.form

        def do(desk: Desk, chosen: Chosen) -> int:
            return review.review(desk, chosen, secrecy=secrecy, privacy=privacy)

        return _decided(console, visit, "review", (dataset, record), do)

    @_on_record(console, "approve")
    def approve(visit: Visit, dataset: str, record: str) -> Answer:
        return _decided(console, visit, "approve", (dataset, record), review.approve)

    @_on_record(console, "schedule")
    def schedule(visit: Visit, dataset: str, record: str) -> Answer:
        day = _day(request.form.get("day", ""))
        return _decided(
            console,
            visit,
            "schedule",
            (dataset, record),
            lambda at, one: review.schedule(at, one, day),
        )

    @_on_record(console, "unschedule")
    def unschedule(visit: Visit, dataset: str, record: str) -> Answer:
        return _decided(console, visit, "unschedule", (dataset, record), review.unschedule)


def _add_no(console: Console) -> None:
    @_on_record(console, "return")
    def give_back(visit: Visit, dataset: str, record: str) -> Answer:
        return _for_reason(console, visit, "return", (dataset, record), review.give_back)

    @_on_record(console, "reject")
    def reject(visit: Visit, dataset: str, record: str) -> Answer:
        return _for_reason(console, visit, "reject", (dataset, record), review.reject)

    @_on_record(console, "withdraw")
    def withdraw(visit: Visit, dataset: str, record: str) -> Answer:
        answer = _for_reason(console, visit, "withdraw", (dataset, record), review.withdraw)
        with nobody_acts():  # a worker makes the release without it
            work.submit(console.engine, "publish", {"datasets": [dataset]})
        return answer


def _for_reason(
    console: Console,
    visit: Visit,
    act: str,
    named: tuple[str, str],
    do: Callable[[Desk, Chosen, Reason], int],
) -> Answer:
    code = request.form.get("reason", "")
    if not code:
        g.back = _back(named)
        raise Refused(Issue("reason_wanted"))
    reason = Reason(code, request.form.get("words", "").strip()[:_LONGEST] or None)
    tell(reason=code)
    return _decided(console, visit, act, named, lambda at, one: do(at, one, reason))


def _decided(console: Console, visit: Visit, act: str, named: tuple[str, str], do: Do) -> Answer:
    """Do it to the view that the form names, and go on to the next of the queue.

    Raises Refused (decided_already: by whom and when; digest_changed), and as the act does.
    """
    dataset, record = named
    catalogue = console.catalogue()
    trail, digest = Trail.of(request.form), request.form.get("digest", "")
    g.back = _back(named)
    with look(console.engine) as connection:
        place = Place.of(found_row(connection, dataset, record))
    if not _DIGEST.fullmatch(digest):
        raise Refused(Issue("digest_changed", value=record))
    tell(dataset=dataset, record=record, digest=digest)
    desk = Desk(console.engine, catalogue, catalogue.get(dataset), visit.person)
    try:
        done = do(desk, Chosen((record,), digest=digest))
    except Refused as error:
        if error.issue.code != "state_wrong":
            raise
        done = 0
    if not done:
        raise _overtaken(console, dataset, record, digest)
    say(speech(console).text(DONE[act]))
    return _onwards(console, visit, trail, place, named)


def _overtaken(console: Console, dataset: str, record: str, digest: str) -> Refused:
    """Somebody else, or a change of the record, was quicker: who, when, and what it is now."""
    with look(console.engine) as connection:
        row = showing.find(connection, dataset, record)
        query = select(decision.c.actor, decision.c.act, decision.c.decided_at)
        last = connection.execute(query.where(decision.c.id == row["decision_id"])).one_or_none()
    if bytes(row["view_digest"]).hex() != digest or last is None:
        return Refused(Issue("digest_changed", value=record))
    told = speech(console)
    words = {
        "actor": last.actor, "at": told.moment(last.decided_at), "act": last.act,
        "act_zh": _chinese(last.act), "state": STATES[row["state"]],
        "state_zh": _chinese(row["state"]),
    }  # fmt: skip
    return Refused(Issue("decided_already", value=record, params=words))


def _onwards(
    console: Console, visit: Visit, trail: Trail, place: Place, named: tuple[str, str]
) -> Answer:
    if not trail.queue:
        return see("record.show", dataset=named[0], record=named[1])
    with look(console.engine) as connection:
        more = following(console, visit, connection, trail, place)
    if more is None:
        say(speech(console).text("That was the last of this queue for you."))
        return see("queues.listing", name=trail.queue, **trail.filters)
    return see("record.show", dataset=more[0], record=more[1], **trail.values)


def _back(named: tuple[str, str]) -> str:
    trail = Trail.of(request.form)
    return url_for("record.show", dataset=named[0], record=named[1], **trail.values)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Misdeclared(Issue("day_wanted", value=text[:20])) from None


def _chinese(word: str) -> str:
    return translate("hub", DEFAULT_LOCALE, STATES.get(word, word))
