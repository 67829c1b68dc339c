"""What follows a decision on a filing on the command line: the release, the answer, what is shown."""

from __future__ import annotations

import click

from hub import answers, filings
from hub.cli.context import Session
from hub.cli.output import show_json
from hub.review import Desk
from hub.work import work

ANSWER = click.option(
    "--answer", "text", required=True, help="What the party is told, in Chinese."
)
ANSWER_EN = click.option("--answer-en", "text_en", help="The same in English.")


def finish(session: Session, desk: Desk, number: str, job: int | None, as_json: bool) -> None:
    """Do the job that publishes, write the answer file, and say how the filing stands."""
    site = session.site()
    try:
        if job is not None:
            work(site, desk.engine, job)
    finally:  # the decision stands, even where the release has to wait
        answers.tell(site, desk.engine)
    with desk.engine.connect() as connection:
        row = filings.find(connection, number)
    told = {name: row[name] for name in ("number", "state", "outcome", "due", "record_state")}
    if as_json:
        show_json({**told, "published": job is not None})
        return
    text = session.text("{number}: {state}; the record is {record}")
    state, record = session.text(told["state"]), session.text(told["record_state"])
    click.echo(text.format(number=number, state=state, record=record))
