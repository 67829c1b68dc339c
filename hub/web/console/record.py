"""One record's page: where it comes from, what it says, what the public would see, what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import request, url_for
from sqlalchemy import Connection, select

from exchange_schemas.codes import load_codes
from exchange_schemas.days import today
from exchange_schemas.errors import HubError
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import holders, showing
from hub.allowed import allowed
from hub.decisions import REASONS
from hub.inbox import Place
from hub.record_ledger import revisions_of
from hub.source_row import SourceRow, delivery_of, source_row
from hub.states import BLOCKED
from hub.tables_of_filings import consent, filing
from hub.web.console import sheet
from hub.web.console.console import Answer, Console
from hub.web.console.deadlines import deadline
from hub.web.console.owners import of_shown_record
from hub.web.console.policy import EVERY_ROLE, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.trail import Trail, following
from hub.web.console.visit import Visit
from publisher.deltas import TOMBSTONES, removed_in
from publisher.release import current_release

MOST = 50  # of filings and of consents of one record


def add_record(console: Console) -> None:
    """Put the page on the console."""
    owner = of_shown_record(console)

    @console.page("/records/<dataset>/<record>", of_roles(*EVERY_ROLE, owner=owner))
    def show(visit: Visit, dataset: str, record: str) -> Answer:
        trail = Trail.of(request.args)
        with console.engine.connect() as connection:
            values = looked_at(console, visit, connection, dataset, record)
            place = Place.of(values["row"])
            more = following(console, visit, connection, trail, place)
            if "source" in request.args:
                values |= _source(console, connection, values)
            if "ledger" in request.args:
                values |= _ledger(console, connection, values)
        after = more and url_for("record.show", dataset=more[0], record=more[1], **trail.values)
        return page("record.html", trail=trail, after=after, sample=None, **values)


def looked_at(
    console: Console, visit: Visit, connection: Connection, name: str, record: str
) -> dict[str, Any]:
    """All that a page shows of a record: row, standard, shown, lines, clocks, acts, reasons, delivery,
    filings, consents. Raises Refused (record_unknown)."""
    catalogue = console.catalogue()
    standard = catalogue.get(name)
    row = found_row(connection, name, record)
    shown = showing.record(connection, catalogue, standard, record)
    number = row["dataset_id"]
    return {
        "row": row,
        "standard": standard,
        "shown": shown,
        "why": _why(row, standard, chinese=speech(console).chinese),
        "lines": sheet.sheet(standard, shown, chinese=speech(console).chinese),
        "clocks": _clocks(shown["clocks"]),
        "acts": allowed(row, standard, visit.roles, visit.person),
        "reasons": {act: reasons(act) for act in ("return", "reject", "withdraw")},
        "delivery": delivery_of(connection, number, row["seq"]),
        "filings": _filings(visit, connection, row),
        "consents": _consents(connection, row),
        "reason_title": partial(_reason_title, chinese=speech(console).chinese),
        "source": None,
        "source_issue": None,
        "revisions": None,
        "holding": (),
    }


def found_row(connection: Connection, name: str, record: str) -> dict[str, Any]:
    """The disclosure's row; raises Refused (record_unknown)."""
    return {str(n): v for n, v in showing.find(connection, name, record).items()}


def reasons(act: str) -> list[tuple[str, str, str]]:
    """(code, title, English title) of the reasons that an act may be given."""
    codes = load_codes(REASONS).codes
    return [
        (code, one.title, one.title_en or code)
        for code, one in codes.items()
        if act in one.more["acts"].split(";")
    ]


def _reason_title(code: str, chinese: bool) -> str:
    one = load_codes(REASONS).codes.get(code)
    return code if one is None else one.title if chinese else one.title_en or code


def _why(row: Mapping[str, Any], standard: Standard, *, chinese: bool) -> str | None:
    """What blocks a view are fields, which have titles; other reasons say themselves."""
    if row["state"] != BLOCKED or not row["why"]:
        return None if row["why"] is None else str(row["why"])
    fields = [(name, standard.fields.get(name)) for name in str(row["why"]).split(", ")]
    titles = [name if f is None else f.title if chinese else f.title_en for name, f in fields]
    return ("、" if chinese else ", ").join(titles)


def _clocks(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """{words, day, rule, deadline} of the law's days; a last public day isn't a deadline of anybody's."""
    kinds = (
        ("Publish by", "publish_by", "publish_rule", True),
        ("Public until", "public_until", "until_rule", False),
        ("The other rule's end", "other_until", "other_rule", False),
        ("Send to the party's registry by", "push_by", "push_rule", True),
    )
    return [
        {
            "words": words, "day": told.get(day), "rule": told.get(rule),
            "deadline": deadline(told.get(day), today()) if due and not told.get("published_on") else None,
        }
        for words, day, rule, due in kinds
        if told.get(day)
    ]  # fmt: skip


def _filings(
    visit: Visit, connection: Connection, row: Mapping[str, Any]
) -> list[Mapping[str, Any]]:
    """What parties filed about the record, newest first: nothing of who they are."""
    columns = ("id", "kind", "state", "filed_on", "due", "outcome")
    query = select(*(filing.c[name] for name in columns)).where(
        filing.c.dataset_id == row["dataset_id"], filing.c.record_id == row["record_id"]
    )
    found = connection.execute(query.order_by(filing.c.id.desc()).limit(MOST)).mappings()
    mine = row["department"] in visit.departments("handler", "approver")
    return [{**one, "open": mine} for one in found]


def _consents(connection: Connection, row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    columns = ("id", "asked_on", "due", "answer", "decision", "asked_by")
    query = select(*(consent.c[name] for name in columns)).where(
        consent.c.dataset_id == row["dataset_id"], consent.c.record_id == row["record_id"]
    )
    found = connection.execute(query.order_by(consent.c.id.desc()).limit(MOST)).mappings()
    return [dict(one) for one in found]


def _source(
    console: Console, connection: Connection, values: Mapping[str, Any]
) -> dict[str, SourceRow | Issue | None]:
    """{source, source_issue}: the delivered row, or why it can't be shown."""
    if values["delivery"] is None:
        return {}
    catalogue, standard = console.catalogue(), values["standard"]
    try:
        found = source_row(connection, console.site, catalogue, standard, values["delivery"])
    except HubError as error:
        return {"source_issue": error.issue}
    return {"source": found, "source_issue": None if found else Issue("source_row_missing")}


def _ledger(console: Console, connection: Connection, values: Mapping[str, Any]) -> dict[str, Any]:
    """{revisions, holding}: its entries in the ledger, and who holds it."""
    row = values["row"]
    standard: Standard = values["standard"]
    number, name, record = row["dataset_id"], standard.dataset, row["record_id"]
    release = current_release(console.site.releases, name)
    gone = removed_in(release.path / TOMBSTONES, record) if release else None
    return {
        "revisions": revisions_of(connection, number, standard, row["key"]),
        "holding": [
            *holders.of_record(connection, number, record),
            *holders.in_ckans(connection, number, record, gone),
        ],
    }
