"""Credit warnings: what is new of what one asked for, all that go on, and one's subscriptions."""

from __future__ import annotations

from typing import Any

import polars as pl
from flask import request
from sqlalchemy import Connection

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from hub import ledger, mail
from hub.analysis import columns
from hub.audit.acting import tell
from hub.credit import watches
from hub.credit.credit_titles import titles_of
from hub.credit.versions import in_force
from hub.credit.watches import ASKED, DATASET
from hub.database import write
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import locale, say
from hub.web.console.policy import STAFF
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

ROWS = 100  # events of a kind that are shown


def add_credit_warnings(console: Console) -> None:
    """Put the page and its acts on the console."""
    _add_listing(console)
    _add_acts(console)


def _add_listing(console: Console) -> None:
    @console.page("/credit/warnings", STAFF)
    def listing(visit: Visit) -> Answer:
        return _page(console, visit)


def _page(console: Console, visit: Visit, **more: Any) -> str:
    chinese = speech(console).chinese
    with console.engine.connect() as connection:
        rules = in_force(connection, today())
        mine = watches.of_person(connection, visit.person)
        fresh = _fresh(console, connection, mine)
        running = _running(console, connection, request.args.get("level", ""))
    shown = fresh.head(ROWS).to_dicts()
    values = {"issue": None, "given": {}, **more, "mine": mine, "most": ROWS}
    values |= {
        "fresh": shown,
        "fresh_count": fresh.height,
        "fresh_more": fresh.height - len(shown),
    }
    values |= {"seq": shown[-1]["_seq"] if shown else 0}  # only what was shown is read
    values |= {"running": running.head(ROWS).to_dicts(), "running_count": running.height}
    values |= {"level": request.args.get("level", ""), "has_mail": bool(mail.server())}
    values |= {"choices": watches.choices(rules), "titles": titles_of(rules, chinese)}
    return page("credit_warnings.html", **values)


def _fresh(console: Console, connection: Connection, mine: list[watches.Watch]) -> pl.DataFrame:
    """What came since it was read, of all that one asked for, each event once, the oldest first."""
    catalogue, site = console.catalogue(), console.site
    found = [watches.news(site, connection, catalogue, one, one.read_seq) for one in mine]
    if not found:
        return pl.DataFrame()
    return pl.concat(found).unique("_key").sort("_seq")


def _running(console: Console, connection: Connection, level: str) -> pl.DataFrame:
    """The events that go on, the newest first."""
    rows = columns.scan(console.site, connection, console.catalogue().get(DATASET))
    going = rows.filter(pl.col("ended_on").is_null())
    if level:
        going = going.filter(pl.col("level") == level)
    return going.sort("began_on", "subject", descending=[True, False]).collect()


def _add_acts(console: Console) -> None:
    @console.act("/credit/warnings/watch", STAFF, "credit.watch")
    def watch(visit: Visit) -> Answer:
        asked = {name: request.form.getlist(name) for name in ASKED}
        address = request.form.get("address", "")
        try:
            with write(console.engine) as connection:
                rules = in_force(connection, today())
                number = watches.watch(connection, rules, visit.person, asked, address, locale())
                tell(watch=number)
        except Misdeclared as error:
            console.note_refusal("credit.watch", error.issue)
            return _page(console, visit, issue=error.issue, given=request.form), 400
        say(speech(console).text("You are told of such warnings from now on."))
        return see("credit_warnings.listing")

    @console.act("/credit/warnings/<int:number>/end", STAFF, "credit.unwatch")
    def end(visit: Visit, number: int) -> Answer:
        tell(watch=number)
        with write(console.engine) as connection:
            watches.end(connection, number, visit.person)
        say(speech(console).text("The subscription has ended."))
        return see("credit_warnings.listing")

    @console.act("/credit/warnings/read", STAFF, "credit.read")
    def read(visit: Visit) -> Answer:
        told = request.form.get("seq", "")
        shown = int(told) if told.isdecimal() and len(told) < 16 else 0
        with write(console.engine) as connection:
            seq = min(shown, ledger.head_seq(connection, DATASET))
            watches.read(connection, visit.person, seq)
        say(speech(console).text("What was shown counts as read."))
        return see("credit_warnings.listing")
