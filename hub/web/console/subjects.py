"""Subjects in the console: search, pairs in doubt, and each subject's file with its three faces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, request
from sqlalchemy import Connection

from hub.analysis.asking import ask_for
from hub.complaints.routing import DATASET as TICKETS
from hub.database import write
from hub.states import REVIEWER
from hub.subjects import decisions, family, overview, pairs, timeline
from hub.subjects.decisions import DEPARTMENT
from hub.subjects.filing import FACES, GOVERNMENT_FACE, Entry, File, file_of
from hub.subjects.looking import check_pair, found
from hub.subjects.seeing import Viewer
from hub.subjects.tables import DIFFER, SAME
from hub.web.console.after_acts import hint
from hub.web.console.codes import titled
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.pictures import picture
from hub.web.console.policy import STAFF, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.portal.shown import title_of, value_of

LONGEST = 100  # characters that are looked for


def _register(_connection: Connection, _named: Mapping[str, Any]) -> frozenset[str]:
    """Pairs belong to the register's owner."""
    return frozenset((DEPARTMENT,))


DECIDERS = of_roles(REVIEWER, owner=_register)


def add_subjects(console: Console) -> None:
    """Put the pages on the console."""
    _add_search(console)
    _add_pairs(console)
    _add_file(console)


def _add_search(console: Console) -> None:
    @console.page("/subjects", STAFF)
    def listing(visit: Visit) -> Answer:
        text, rows = request.args.get("q", "").strip()[:LONGEST], []
        if text:
            with console.engine.connect() as connection:
                rows = found(console.site, connection, text, _viewer(visit))
        kinds = [] if text else overview.kinds(console.site)
        names = titled("subject_types", speech(console))
        return page("subjects.html", text=text, rows=rows, kinds=kinds, names=names)


def _add_pairs(console: Console) -> None:
    @console.page("/subjects/pairs", STAFF)
    def doubtful(visit: Visit) -> Answer:
        return _pairs(console, visit)

    @console.act("/subjects/pairs", DECIDERS, "subject.decide")
    def decide(visit: Visit) -> Answer:
        one, other = (request.form.get(name, "")[:LONGEST] for name in ("one", "other"))
        act = DIFFER if request.form.get("act") == DIFFER else SAME
        check_pair(console.site, act, one, other)
        told = pairs.pair_of(console.site, one, other)
        why = request.form.get("why", "")
        with write(console.engine) as connection:
            evidence = told.evidence if told else {}
            decisions.decide(connection, act, (one, other), visit.person, why, evidence)
            number = ask_for(connection, "subjects")
        return _decided(console, number)

    @console.act("/subjects/pairs/undo", DECIDERS, "subject.undo")
    def undo(visit: Visit) -> Answer:
        number = request.form.get("number", 0, type=int)
        with write(console.engine) as connection:
            decisions.undo(connection, number, visit.person, request.form.get("why", ""))
            job = ask_for(connection, "subjects")
        return _decided(console, job)


def _pairs(console: Console, visit: Visit) -> Answer:
    skip = max(request.args.get("after", 0, type=int), 0)
    mine = DEPARTMENT in visit.departments(REVIEWER)
    # whom tickets are about is told only to those who decide on pairs
    closed = _viewer(visit).closed | (frozenset() if mine else {TICKETS})
    rows, total = pairs.doubtful(console.site, console.engine, skip, closed=closed)
    with console.engine.connect() as connection:
        told = decisions.history(connection)[: pairs.PAGE]
    more = skip + pairs.PAGE if skip + pairs.PAGE < total else None
    return page(
        "subject_pairs.html", pairs=rows, total=total, told=told, mine=mine, skip=skip, more=more
    )


def _decided(console: Console, job: int) -> Answer:
    hint(console, job)
    say(speech(console).text("Your decision is kept. A worker brings the files up to date now."))
    return see("subjects.doubtful")


def _add_file(console: Console) -> None:
    @console.page("/subjects/<subject>", STAFF)
    def show(visit: Visit, subject: str) -> Answer:
        face = _face()
        told = _file(console, visit, subject, face)
        kin = None
        if face == GOVERNMENT_FACE:
            kin = family.family_of(console.site, console.engine, console.catalogue(), told.subject)
        with console.engine.connect() as connection:
            nodes = [told.subject, *told.facts.get("joined_ids", ())]
            history = decisions.history(connection, *nodes)
        shown = [(one, _called(console, one), _lines(console, one)) for one in told.entries]
        mine = DEPARTMENT in visit.departments(REVIEWER)
        return page(
            "subject.html", file=told, face=face, faces=FACES, facts=_facts(console, told), shown=shown, kin=kin,
            told=history, mine=mine, dated=len({one.date for one in told.entries if one.date}) > 1,
        )  # fmt: skip

    @console.page("/subjects/<subject>/timeline.svg", STAFF)
    def line(visit: Visit, subject: str) -> Response:
        told = _file(console, visit, subject, _face())
        spec = timeline.picture_of(told.entries, speech(console).dataset)
        return picture(spec) if spec else abort(404)

    @console.page("/subjects/<subject>/family.svg", STAFF)
    def kin(visit: Visit, subject: str) -> Response:
        told = _file(console, visit, subject, GOVERNMENT_FACE)
        found_ = family.family_of(console.site, console.engine, console.catalogue(), told.subject)
        words = {
            family.IDENTITY: speech(console).text("same identity"),
            family.NAME_ONLY: speech(console).text("same name only"),
        }
        name = str(told.facts.get("subject_name", told.subject))
        return picture(family.picture_of(name, found_, words))


def _face() -> str:
    face = request.args.get("face", GOVERNMENT_FACE)
    return face if face in FACES else GOVERNMENT_FACE


def _file(console: Console, visit: Visit, subject: str, face: str) -> File:
    catalogue, viewer = console.catalogue(), _viewer(visit)
    return file_of(console.site, console.engine, catalogue, subject[:LONGEST], face, viewer=viewer)


def _viewer(visit: Visit) -> Viewer:
    return Viewer(visit.person, visit.departments())


def _facts(console: Console, told: File) -> list[tuple[str, str]]:
    """(title, value) of what is known of the subject; what is counted by dataset or way in words."""
    speaks, fields = speech(console), console.catalogue().get("market_subject").fields
    found_ = []
    for name, value in told.facts.items():
        if name == "records":
            parts = [one.rpartition("=") for one in value]
            shown = "；".join(f"{speaks.dataset(what)} {count}" for what, _, count in parts)
        elif name == "linked_by":
            parts = [one.rpartition("=") for one in value]
            shown = "；".join(f"{speaks.text(f'how:{what}')} {count}" for what, _, count in parts)
        else:
            shown = value_of(fields[name], value, speaks.chinese)
        found_.append((title_of(fields[name], speaks.chinese), shown))
    return [(title, value) for title, value in found_ if value]


def _called(console: Console, one: Entry) -> str:
    """The record's document, where the face shows it; else its key without the codes of the authority."""
    document = console.catalogue().get(one.dataset).roles.document
    return str(one.record.get(document or "") or one.key)


def _lines(console: Console, one: Entry) -> list[tuple[str, str]]:
    """(title, value) of the fields of a record that the face shows."""
    fields, chinese = console.catalogue().get(one.dataset).fields, speech(console).chinese
    return [
        (title_of(fields[name], chinese), value_of(fields[name], value, chinese))
        for name, value in one.record.items()
    ]
