"""`hub transfer`: cases that departments hand to the police, and the procuratorate watches over."""

from __future__ import annotations

from typing import Any

import click

from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.transfer_acts import add_acts
from hub.cli.transfer_case import NUMBER, actor_of, add_cases, office_of, say
from hub.database import write
from hub.terms import Office
from hub.terms import shown as shown_time
from hub.transfers import feed, looking, parties, watching, words
from hub.transfers.parties import Actor


@click.group()
def transfer() -> None:
    """Case transfer (两法衔接): suspected crimes from a department to the police."""


@transfer.command("list")
@AS
@JSON
@click.pass_obj
def list_cases(session: Session, actor: str | None, as_json: bool) -> None:
    """Your cases: those of your department, and those that came to it.

    \b
    Example:
      hub transfer list --as zhao
    """
    at = office_of(session)
    one = actor_of(at, actor)
    found: list[dict[str, Any]] = []
    with write(at.engine) as connection:
        while part := looking.listing(connection, one, found[-1]["id"] if found else 0):
            found += part
    if as_json:
        show_json(found)
        return
    rows = [
        (row["number"], row["transfer_no"], session.text(words.STATES[row["state"]]), row["from_department"],
         row["to"], session.text("overdue") if row["overdue"] else "")
        for row in found
    ]  # fmt: skip
    show_table(session, ("Number", "Letter", "State", "From", "To", "Due"), rows, "Cases")


@transfer.command()
@NUMBER
@AS
@JSON
@click.pass_obj
def show(session: Session, number: str, actor: str | None, as_json: bool) -> None:
    """All of a case: what it is about, its steps, documents and terms. The look is written down.

    \b
    Example:
      hub transfer show YS5f0c… --as zhao
    """
    at = office_of(session)
    shown = _shown(at, actor_of(at, actor), number)
    if as_json:
        show_json(shown)
        return
    facts = [(name, shown[name]) for name in looking.LISTED] + list(shown["case"].items())
    show_table(session, ("Field", "Value"), facts, "Case")
    steps = [(s["number"], shown_time(s["at"]), session.text(words.ACTS[s["act"]]), session.text(words.STATES[s["state"]]), s["actor"],
              s["doc_no"], s["reason"]) for s in shown["steps"]]  # fmt: skip
    columns = ("Step", "At", "Act", "State", "Who", "Document number", "Why")
    show_table(session, columns, steps, "Steps")
    terms = [
        (
            session.text(words.TERMS.get(t["term"], t["term"])),
            t["owed_by"],
            shown_time(t["due_at"]),
            t["met_at"] and shown_time(t["met_at"]),
            t["rule"],
        )
        for t in shown["terms"]
    ]
    show_table(session, ("Term", "Owed by", "Due", "Met", "Rule"), terms, "Terms")
    kept = [(f["name"], f["media_type"], f["size"], f["sha256"]) for f in shown["files"]]
    show_table(session, ("Name", "Type", "Bytes", "SHA-256"), kept, "Documents")


def _shown(at: Office, one: Actor, number: str) -> dict[str, Any]:
    row = looking.looked(at.engine, one, number, "read")
    with at.engine.connect() as connection:
        return looking.show(connection, row)


@transfer.command()
@AS
@JSON
@click.pass_obj
def overdue(session: Session, actor: str | None, as_json: bool) -> None:
    """Duties of your cases whose term is over.

    \b
    Example:
      hub transfer overdue --as zhao
    """
    at = office_of(session)
    with at.engine.connect() as connection:
        found = watching.overdue(connection, parties.person(connection, named(actor)))
    if as_json:
        show_json(found)
        return
    rows = [
        (
            r["number"],
            session.text(words.TERMS.get(r["term"], r["term"])),
            r["owed_by"],
            shown_time(r["due_at"]),
            r["rule"],
        )
        for r in found
    ]
    show_table(session, ("Number", "Term", "Owed by", "Due", "Rule"), rows, "Overdue terms")


@transfer.command()
@JSON
@click.pass_obj
def remind(session: Session, as_json: bool) -> None:
    """Remind of terms that end soon and escalate those that are over; the worker does it by itself.

    \b
    Example:
      hub transfer remind
    """
    done = watching.sweep(office_of(session))
    if as_json:
        show_json(done)
        return
    text = session.text("Reminded: {reminded}, escalated: {escalated}, mailed: {mailed}")
    click.echo(text.format(**done))


@transfer.command()
@click.argument("consumer")
@click.option("--kind", required=True, metavar="公安|检察|监察|12345", help="What it is.")
@click.option("--as", "actor", default="operator", show_default=True, help="Who registers it.")
@JSON
@click.pass_obj
def party(session: Session, consumer: str, kind: str, actor: str, as_json: bool) -> None:
    """Say that a consumer is a receiving authority, or the complaint platform.

    \b
    Example:
      hub transfer party 市公安局 --kind 公安
    """
    at = office_of(session)
    with write(at.engine) as connection:
        parties.register(connection, consumer, kind, actor)
    say(session, {"number": consumer, "state": kind}, as_json)


@transfer.command("feed")
@JSON
@click.pass_obj
def feed_of_cases(session: Session, as_json: bool) -> None:
    """Declare the feed that takes sent cases into the ledger of case_transfer, and write its file.

    \b
    Example:
      hub transfer feed
    """
    at = office_of(session)
    declared = feed.declare(at.site, at.catalogue)
    count = feed.write_feed(at)
    if as_json:
        show_json({"feed": str(declared), "file": str(feed.place(at.site)), "cases": count})
        return
    click.echo(
        session.text("Cases written: {cases}; feed {feed}").format(cases=count, feed=declared)
    )


add_cases(transfer)
add_acts(transfer)
