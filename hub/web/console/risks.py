"""Risk signals: what is open and overdue, one signal with its history, and entering one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from flask import request
from sqlalchemy import Connection

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.risks import entering, showing, signals, steps, suggesting
from hub.risks.people import OFFICES, officer
from hub.risks.states import ACTS, STATES
from hub.web.console.codes import titled
from hub.web.console.computed import scan
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.pictures import picture
from hub.web.console.policy import EVERY_ROLE, Policy, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.portal.chart_specs import Point, bars

MOST = 300  # rows of one table


def _offices(_connection: Connection, _named: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(OFFICES)


READERS = of_roles(*EVERY_ROLE, owner=_offices)


def add_risks(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_list(console)
    _add_entering(console)
    _add_signal(console)
    for act in ACTS:
        _add_act(console, act.name, of_roles(act.by, owner=_offices))


def _place(console: Console) -> steps.Place:
    return steps.Place(console.site, console.engine, console.catalogue())


def _standing(console: Console) -> pl.DataFrame:
    return showing.standing(_place(console), today())


def _add_list(console: Console) -> None:
    @console.page("/risks", READERS)
    def listing(_visit: Visit) -> Answer:
        rows = _standing(console)
        products = suggesting.named_in(console.catalogue())
        state = request.args.get("state", "")
        wanted = state if state in STATES else "open"
        told = speech(console)
        return page(
            "risks.html",
            counts=showing.by_state(rows),
            wanted=wanted,
            rows=_rows(showing.chosen(rows, wanted)),
            late=_rows(rows.filter("overdue").sort("due_on")),
            groups=showing.groups(rows)[:MOST],
            by_channel=showing.by_channel(rows),
            suggested=_rows(suggesting.suggestions(scan(console), products, rows)),
            channels=titled("risk_channels", told),
            severities=titled("risk_severities", told),
        )

    @console.page("/risks/channels.svg", READERS)
    def channels_picture(_visit: Visit) -> Answer:
        names = titled("risk_channels", speech(console))
        counts = showing.by_channel(_standing(console))
        return picture(
            bars([Point(one, names.get(one, one), n) for one, n in counts], narrow=False)
        )


def _add_entering(console: Console) -> None:
    @console.page("/risks/new", READERS)
    def new(_visit: Visit) -> Answer:
        return _form(console, None)

    @console.act("/risks/new", READERS, "risk.enter")
    def enter(visit: Visit) -> Answer:
        with console.engine.connect() as connection:
            one = officer(connection, visit.person)
        try:
            number = entering.enter(_place(console), one, request.form)
        except Misdeclared as error:
            console.note_refusal("risk.enter", error.issue)
            return _form(console, error.issue), 400
        say(speech(console).text("Entered as {number}.", number=number))
        return see("risks.signal", signal=number)


def _form(console: Console, issue: Issue | None) -> str:
    told, standard = speech(console), console.catalogue().get(signals.DATASET)
    titles = {
        name: (one.title if told.chinese else one.title_en)
        for name, one in standard.fields.items()
    }
    return page(
        "risk_new.html",
        given={**request.args, **request.form},
        issue=issue,
        fields=entering.FIELDS,
        titles=titles,
        required=[name for name in entering.FIELDS if standard.fields[name].required],
        choices={
            "channel": titled("risk_channels", told),
            "severity": titled("risk_severities", told),
        },
    )


def _add_signal(console: Console) -> None:
    @console.page("/risks/<signal>", READERS)
    def signal(visit: Visit, signal: str) -> Answer:
        found = _standing(console).filter(pl.col("signal_id") == signal)
        if found.is_empty():
            raise Misdeclared(Issue("risk_unknown", value=signal[:64]))
        with console.engine.connect() as connection:
            history = steps.history(connection, signal)
        told, row = speech(console), found.to_dicts()[0]
        rule = _place(console).rule()
        mine = [one for one in ACTS if row["now"] in one.sources and _may(visit, one.by)]
        standard = console.catalogue().get(signals.DATASET)
        return page(
            "risk.html",
            row=row,
            reported=[
                (one.title if told.chinese else one.title_en, row[name])
                for name, one in standard.fields.items()
                if row.get(name) is not None
            ],
            history=history,
            acts=mine,
            rule=rule,
            severities=titled("risk_severities", told),
            likelihoods=titled("risk_likelihoods", told),
        )


def _may(visit: Visit, role: str) -> bool:
    return bool(visit.departments(role) & set(OFFICES))


def _add_act(console: Console, name: str, policy: Policy) -> None:
    def act(visit: Visit, signal: str) -> Answer:
        with console.engine.connect() as connection:
            one = officer(connection, visit.person)
        form = request.form
        words = steps.Words(
            form.get("reason", "").strip() or None, form.get("severity"), form.get("likelihood")
        )
        steps.act(_place(console), one, signal, name, words)
        say(speech(console).text("Noted."))
        return see("risks.signal", signal=signal)

    act.__name__ = name
    console.act(f"/risks/<signal>/{name}", policy, f"risk.{name}")(act)


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return frame.head(MOST).to_dicts()
