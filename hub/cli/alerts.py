"""`hub alert`: who is told of faults, what was told, and whether it arrives."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

import click
from sqlalchemy import select

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal
from hub.database import connect
from hub.instant import instant_of
from hub.monitoring.alert_book import content_of, known
from hub.monitoring.alert_due import KIND
from hub.monitoring.alert_posting import Message, post
from hub.monitoring.alert_rules import NEW, Change
from hub.monitoring.alert_ways import ways
from hub.monitoring.tables import SENT, alert_message
from hub.work import work_now
from publisher.portal.settings import read_settings

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


@click.group()
def alert() -> None:
    """Alerts: faults that the operator is told of by mail, webhook or robot."""


def _ways() -> list[str]:
    """Raises Misdeclared (alert_ways_none) where nobody is told."""
    found = ways()
    if not found:
        raise Misdeclared(Issue("alert_ways_none"))
    return found


@alert.command()
@JSON
@click.pass_obj
def test(session: Session, as_json: bool) -> None:
    """Send a trial by every way that is set, and say what each answered; exit code 1 where one failed.

    \b
    Example:
      hub alert test
    """
    now = instant_of(datetime.now(UTC))
    place = read_settings(session.site().portal_settings, os.environ).place_zh
    trial = Change(NEW, ("trial", "hub alert test"), Issue("alert_trial"), 0, now)
    message = Message(str(uuid4()), now, place, [content_of(trial)])
    found = [(way, post(way, message)) for way in _ways()]
    rows = [{"way": way, "taken": one.taken, "answer": one.answer} for way, one in found]
    if as_json:
        show_json(rows)
    else:
        words = {True: session.text("taken"), False: session.text("not taken")}
        lines = [(way, words[one.taken], one.answer) for way, one in found]
        show_table(session, ("Way", "Outcome", "Answer"), lines, "Trial of alerts")
    sys.exit(0 if all(one.taken for _, one in found) else 1)


@alert.command("list")
@JSON
@click.pass_obj
def list_all(session: Session, as_json: bool) -> None:
    """The faults that aren't over, and the messages that didn't arrive yet.

    \b
    Example:
      hub alert list
    """
    with connect(session.site().database_url).connect() as connection:
        opened = {key: one for key, one in known(connection).items() if one.over_at is None}
        left = select(alert_message).where(alert_message.c.state != SENT)
        rows = connection.execute(left.order_by(alert_message.c.id)).mappings().all()
    names = ("way", "state", "tries", "answer", "created_at", "next_at")
    messages = [{name: row[name] for name in names} for row in rows]
    if as_json:
        faults = [
            {"part": part, "name": name, "code": one.issue.code, "began_at": one.began_at,
             "told_at": one.told_at, "message": one.issue.message("zh_CN"),
             "message_en": one.issue.message("en")}
            for (part, name), one in opened.items()
        ]  # fmt: skip
        show_json({"alerts": faults, "messages": messages})
        return
    lines = [
        (part, name, one.began_at[:16], one.told_at[:16], one.issue.message(session.locale))
        for (part, name), one in opened.items()
    ]
    columns = ("What", "Which one", "Since", "Told", "Wrong, and what to do")
    show_table(session, columns, lines, "Alerts")
    if messages:
        told = [
            tuple({**one, "state": session.text(str(one["state"]))}.values()) for one in messages
        ]
        names_of = ("Way", "State", "Tries", "Answer", "Made", "Next try")
        show_table(session, names_of, told, "Not delivered")


@alert.command()
@JSON
@click.pass_obj
def check(session: Session, as_json: bool) -> None:
    """Look now, and tell what has changed; a worker does it every minute.

    \b
    Example:
      hub alert check
    """
    _ways()
    site, engine = session.site(), session.engine()
    with terminal(session, "") as progress:
        done = work_now(site, engine, KIND, {}, progress, KIND)
    if as_json:
        show_json(done)
        return
    columns = ("Faults", "Told", "Sent", "Failed", "Given up")
    show_table(session, columns, [tuple(done.values())], "Alerts")
