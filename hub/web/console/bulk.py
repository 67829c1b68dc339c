"""Deciding on many records at once: a filter, a sample that is looked at one by one, one decision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import g, request, url_for
from sqlalchemy import Connection, RowMapping, select

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import bulk_review, samples
from hub.audit.acting import tell
from hub.database import write
from hub.review import Desk
from hub.states import APPROVER, BY_NAME, REVIEWER
from hub.tables import dataset
from hub.tables_of_review import sample
from hub.web.console.conditions import ROWS, condition_of, fields_to_ask, in_words
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.owners import of_sample
from hub.web.console.policy import of_roles
from hub.web.console.record import looked_at
from hub.web.console.rendering import page, speech
from hub.web.console.trail import Trail
from hub.web.console.visit import Visit

LAST = 20  # samples of somebody that are listed
DECIDERS = of_roles(REVIEWER, APPROVER)


def add_bulk(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_beginning(console)
    _add_sample(console)
    _add_looking(console)
    _add_deciding(console)


def _add_beginning(console: Console) -> None:
    @console.page("/bulk", DECIDERS)
    def begin(visit: Visit) -> Answer:
        return _beginning(console, visit, request.args, None)

    @console.act("/bulk", DECIDERS, "sample.draw")
    def draw(visit: Visit) -> Answer:
        act, name = request.form.get("act", ""), request.form.get("of", "")
        if act not in bulk_review.ACTS or not visit.departments(BY_NAME[act].by):
            raise Refused(Issue("door_closed", params={"needed": act}))
        desk = _desk(console, visit, name)
        try:
            condition = condition_of(desk.standard, request.form)
            made = bulk_review.draw_sample(desk, act, condition, _size())
        except (Misdeclared, Refused) as error:
            if error.issue.code not in ("condition_invalid", "sample_empty"):
                raise
            console.note_refusal("sample.draw", error.issue)
            return _beginning(console, visit, request.form, error.issue), 409
        return see("bulk.show", number=made["sample"])


def _beginning(
    console: Console, visit: Visit, given: Mapping[str, str], issue: Issue | None
) -> str:
    catalogue = console.catalogue()
    name = given.get("of", "")
    standard = catalogue.get(name) if name in catalogue.datasets() else None
    with console.engine.connect() as connection:
        mine = _mine(connection, visit.person)
        known = connection.scalars(select(dataset.c.name).where(dataset.c.seq > 0)).all()
    return page(
        "bulk.html",
        given=given,
        issue=issue,
        standard=standard,
        fields=fields_to_ask(standard) if standard else [],
        acts=[a for a in bulk_review.ACTS if visit.departments(BY_NAME[a].by)],
        datasets=sorted(set(known) & set(catalogue.datasets())),
        mine=mine,
        rows=range(1, ROWS + 1),
        smallest=samples.SMALLEST,
    )


def _add_sample(console: Console) -> None:
    policy = of_roles(REVIEWER, APPROVER, owner=of_sample(console))

    @console.page("/bulk/<int:number>", policy)
    def show(visit: Visit, number: int) -> Answer:
        with console.engine.connect() as connection:
            row = _own(connection, visit.person, number)
            drawn = samples.drawn_records(connection, number)
        standard = console.catalogue().get(row["dataset"])
        return page(
            "sample.html",
            row=row,
            drawn=drawn,
            seen=sum(one["seen_at"] is not None for one in drawn),
            standard=standard,
            conditions=in_words(standard, json.loads(row["condition"]), speech(console).chinese),
        )


def _add_looking(console: Console) -> None:
    policy = of_roles(REVIEWER, APPROVER, owner=of_sample(console))

    @console.page("/bulk/<int:number>/<record>", policy)
    def drawn(visit: Visit, number: int, record: str) -> Answer:
        with console.engine.connect() as connection:
            row = _own(connection, visit.person, number)
            found = samples.drawn_records(connection, number)
            one = _drawn(found, number, record)
            values = looked_at(console, visit, connection, row["dataset"], record)
        told = {"row": row, "one": one, "place": found.index(one) + 1, "of": len(found)}
        return page("record.html", sample=told, trail=Trail(), after=None, **values)

    @console.act("/bulk/<int:number>/<record>", policy, "sample.look")
    def note(visit: Visit, number: int, record: str) -> Answer:
        g.back = url_for("bulk.show", number=number)
        tell(sample=number, record=record)
        with write(console.engine) as connection:
            _own(connection, visit.person, number)
            samples.see(connection, number, visit.person, record, _digest())
            left = [o for o in samples.drawn_records(connection, number) if o["seen_at"] is None]
        if not left:
            say(speech(console).text("You have looked at all of them."))
            return see("bulk.show", number=number)
        return see("bulk.drawn", number=number, record=left[0]["record_id"])


def _add_deciding(console: Console) -> None:
    policy = of_roles(REVIEWER, APPROVER, owner=of_sample(console))

    @console.act("/bulk/<int:number>/decide", policy, "sample.decide")
    def decide(visit: Visit, number: int) -> Answer:
        g.back = url_for("bulk.show", number=number)
        with console.engine.connect() as connection:
            row = _own(connection, visit.person, number)
        tell(sample=number, dataset=row["dataset"], act=row["act"])
        desk = _desk(console, visit, row["dataset"])
        examined = {name: name in request.form for name in ("secrecy", "privacy")}
        done = bulk_review.decide_sample(desk, number, **examined)
        numbers = {"done": f"{done:,}", "records": f"{row['records']:,}"}
        say(speech(console).text("Decided on {done} of {records} records.", **numbers))
        return see("bulk.show", number=number)


def _desk(console: Console, visit: Visit, name: str) -> Desk:
    catalogue = console.catalogue()
    return Desk(console.engine, catalogue, catalogue.get(name), visit.person)


def _size() -> int | None:
    told = request.form.get("size", "").strip()
    return min(int(told), samples.LARGEST) if told.isdecimal() and len(told) < 6 else None


def _digest() -> bytes:
    try:
        return bytes.fromhex(request.form.get("digest", ""))
    except ValueError:
        return b""


def _drawn(found: list[dict[str, Any]], number: int, record: str) -> dict[str, Any]:
    for one in found:
        if one["record_id"] == record:
            return one
    raise Misdeclared(Issue("sample_unknown", value=f"{number}/{record}"))


def _own(connection: Connection, person: str, number: int) -> RowMapping:
    """The person's sample with its dataset's name; raises Misdeclared (sample_unknown)."""
    query = select(sample, dataset.c.name.label("dataset")).join(dataset)
    mine = (sample.c.id == number) & (sample.c.actor == person)
    row = connection.execute(query.where(mine)).mappings().one_or_none()
    if row is None:
        raise Misdeclared(Issue("sample_unknown", value=str(number)))
    return row


def _mine(connection: Connection, person: str) -> list[RowMapping]:
    """The person's last samples, newest first, with the dataset's name."""
    query = select(sample, dataset.c.name.label("dataset")).join(dataset)
    mine = query.where(sample.c.actor == person).order_by(sample.c.id.desc()).limit(LAST)
    return list(connection.execute(mine).mappings())
