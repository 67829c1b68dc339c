"""The audit log, for the audit administrator: searched, verified, exported. Looking leaves an entry, too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, request

from exchange_schemas.errors import Corrupt, Misdeclared
from exchange_schemas.issue import Issue
from hub.audit import chain, export
from hub.audit.log import DONE, REFUSED, Entry, Wanted, append, entries
from hub.database import look, write
from hub.web.console.console import Answer, Console
from hub.web.console.policy import AUDIT_ONLY
from hub.web.console.rendering import page
from hub.web.console.visit import Visit

PAGE = 50
FILTERS = ("person", "act", "subject", "since", "until", "outcome")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
_LONGEST = 200  # characters of what is looked for


def add_audit_log(console: Console) -> None:
    """Put the pages on the console."""
    _add_reading(console)
    _add_proof(console)


def _add_reading(console: Console) -> None:
    @console.page("/audit", AUDIT_ONLY)
    def listing(visit: Visit) -> Answer:
        asked, wanted = _wanted()
        _note(console, visit, "audit.read", {**asked, "below": wanted.below or ""})
        with look(console.engine) as connection:
            found = entries(connection, wanted, PAGE + 1)
            head = chain.head(connection)
        following = found[PAGE - 1]["number"] if len(found) > PAGE else None
        acts = sorted({door.act for door in console.doors.values() if door.act})
        more = {"acts": acts, "next": following, "outcomes": (DONE, REFUSED), "head": head}
        return page(
            "audit_log.html", entries=found[:PAGE], asked=asked, query=urlencode(asked), **more
        )

    @console.page("/audit/<int:number>", AUDIT_ONLY)
    def entry(visit: Visit, number: int) -> Answer:
        _note(console, visit, "audit.read", {})
        with look(console.engine) as connection:
            found = entries(connection, Wanted(below=number + 1), 1)
        if not found or found[0]["number"] != number:
            abort(404)
        return page("audit_entry.html", entry=found[0])

    @console.page("/audit/export.<form>", AUDIT_ONLY)
    def exported(visit: Visit, form: str) -> Answer:
        if form not in export.FORMS:
            abort(404)
        asked, wanted = _wanted()
        _note(console, visit, "audit.export", {**asked, "form": form})
        with look(console.engine) as connection:
            head = chain.head(connection)
        pieces = export.written(form, export.blocks(console.engine, wanted, head.number), head)
        name = f"audit-{head.number}.{form}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(pieces, content_type=_TYPES[form], headers=headers)


def _add_proof(console: Console) -> None:
    @console.page("/audit/verify", AUDIT_ONLY)
    def verify(visit: Visit) -> Answer:
        _note(console, visit, "audit.verify", {})
        try:
            with console.engine.connect() as connection:
                head = chain.verify(connection)
        except Corrupt as error:
            return page("audit_verified.html", head=None, issue=error.issue)
        return page("audit_verified.html", head=head, issue=None)


def _note(console: Console, visit: Visit, act: str, details: Mapping[str, Any]) -> None:
    told = {name: value for name, value in details.items() if value}
    entry = Entry(visit.person, act, request.path, address=visit.place.address, details=told)
    with write(console.engine) as connection:
        append(connection, entry)


def _wanted() -> tuple[dict[str, str], Wanted]:
    """What is asked for, as the form has it and as a condition. Raises Misdeclared (day_wrong)."""
    asked = {name: request.args.get(name, "").strip()[:_LONGEST] for name in FILTERS}
    asked = {name: value for name, value in asked.items() if value}
    for name in ("since", "until"):
        if name in asked and not _is_day(asked[name]):
            raise Misdeclared(Issue("day_wrong", value=asked[name]))
    below = request.args.get("below", "")
    return asked, Wanted(**asked, below=int(below) if below.isdecimal() else None)


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False
