"""`hub subject`: one subject, one file; pairs that wait for a person, and what people decide on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click

from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json, show_table

WHY = click.option("--why", required=True, help="The reason, which is kept with the decision.")
FACE = click.option(
    "--face", type=click.Choice(["public", "industry", "government"]), default="government",
    help="What which audience sees of the file.",
)  # fmt: skip


@click.group()
def subject() -> None:
    """One subject, one file: its records of all datasets, and who is the same."""


@subject.command()
@click.argument("text", metavar="CODE|NAME")
@FACE
@JSON
@click.pass_obj
def show(session: Session, text: str, face: str, as_json: bool) -> None:
    """The file of a subject: what is known of it, and its records, newest first.

    \b
    Example:
      hub subject show 91440902MA0000015X
    """
    from hub.subjects.filing import file_of  # keeps `hub --help` quick
    from hub.subjects.looking import the_one

    site, engine = session.site(), session.engine()
    with engine.connect() as connection:
        chosen = the_one(site, connection, text)
    found = file_of(site, engine, session.catalogue(), chosen, face)
    if as_json:
        show_json({**asdict(found), "entries": [asdict(one) for one in found.entries]})
        return
    fields = session.catalogue().get("market_subject").fields
    chinese = session.locale == "zh_CN"
    facts = [(fields[n].title if chinese else fields[n].title_en, _text(v)) for n, v in found.facts.items()]  # fmt: skip
    show_table(session, ("Field", "Value"), facts, "Subject")
    rows = [
        (one.date, _title(session, one.dataset), one.key, session.text(f"how:{one.how}"))
        for one in found.entries
    ]
    show_table(session, ("Day", "Dataset", "Record", "Found by"), rows, "Records")
    if found.more:
        told = session.text("These are the newest {most}; there are more.")
        click.echo(told.format(most=len(found.entries)))


@subject.command()
@click.argument("text", metavar="CODE|NAME")
@JSON
@click.pass_obj
def find(session: Session, text: str, as_json: bool) -> None:
    """Subjects by a code, a number, or a part of a name or former name.

    \b
    Example:
      hub subject find 红荔食品
    """
    from hub.subjects.looking import found

    with session.engine().connect() as connection:
        told = found(session.site(), connection, text)
    if as_json:
        show_json(told)
        return
    rows = [(one["subject"], one["name"], one["division"], one["state"], _text(one["records"])) for one in told]  # fmt: skip
    show_table(session, ("Subject", "Subject's name", "Division", "State", "Records"), rows)


@subject.command()
@JSON
@click.pass_obj
def pairs(session: Session, as_json: bool) -> None:
    """Pairs that may be one subject, the most probable first, with their reasons.

    \b
    Example:
      hub subject pairs
    """
    from hub.subjects.pairs import doubtful

    found, total = doubtful(session.site(), session.engine())
    if as_json:
        show_json({"total": total, "pairs": [asdict(one) for one in found]})
        return
    rows = [
        (one.one["node"], one.one.get("name"), one.other["node"], one.other.get("name"), f"{one.score:.4f}",
         " ".join(one.reasons))
        for one in found
    ]  # fmt: skip
    show_table(
        session, ("One", "Subject's name", "Other", "Subject's name", "Score", "Reasons"), rows
    )
    click.echo(session.text("Pairs in doubt: {total}").format(total=total))


@subject.command()
@click.argument("one")
@click.argument("other")
@WHY
@AS
@JSON
@click.pass_obj
def same(
    session: Session, one: str, other: str, why: str, actor: str | None, as_json: bool
) -> None:
    """Say that two are one subject.

    \b
    Example:
      hub subject same NAM-3f2a9c0d1e4b5a67 91440902MA0000015X --why 现场核实 --as lin
    """
    _decide(session, "same", (one, other), why, actor, as_json)


@subject.command()
@click.argument("one")
@click.argument("other")
@WHY
@AS
@JSON
@click.pass_obj
def differ(
    session: Session, one: str, other: str, why: str, actor: str | None, as_json: bool
) -> None:
    """Say that two aren't one subject.

    \b
    Example:
      hub subject differ NAM-3f2a9c0d1e4b5a67 91440902MA0000015X --why 同名不同户 --as lin
    """
    _decide(session, "differ", (one, other), why, actor, as_json)


@subject.command()
@click.argument("number", type=int)
@WHY
@AS
@JSON
@click.pass_obj
def undo(session: Session, number: int, why: str, actor: str | None, as_json: bool) -> None:
    """Let a decision count no more: everything is as if it had never been made.

    \b
    Example:
      hub subject undo 3 --why 认定有误 --as lin
    """
    from hub.subjects import decisions

    _acted(session, lambda connection: asdict(decisions.undo(connection, number, named(actor), why)), as_json)  # fmt: skip


@subject.command()
@click.argument("nodes", nargs=-1, metavar="[ID]…")
@JSON
@click.pass_obj
def history(session: Session, nodes: tuple[str, ...], as_json: bool) -> None:
    """What people decided, newest first, also what was undone.

    \b
    Example:
      hub subject history
    """
    from hub.subjects import decisions

    with session.engine().connect() as connection:
        found = decisions.history(connection, *nodes)
    if as_json:
        show_json([asdict(one) for one in found])
        return
    rows = [
        (one.number, session.text(f"decision:{one.act}"), one.one, one.other, one.why, one.decided_by, one.decided_at,
         one.undone_by)
        for one in found
    ]  # fmt: skip
    show_table(
        session, ("No.", "Decision", "One", "Other", "Why", "Who", "When", "Undone by"), rows
    )


def _decide(
    session: Session, act: str, pair: tuple[str, str], why: str, actor: str | None, as_json: bool
) -> None:
    from hub.subjects import decisions
    from hub.subjects.looking import check_pair
    from hub.subjects.pairs import pair_of

    site = session.site()
    check_pair(site, act, *pair)
    told = pair_of(site, *pair)
    evidence = told.evidence if told else {}
    who = named(actor)
    _acted(session, lambda c: {"decision": decisions.decide(c, act, pair, who, why, evidence)}, as_json)  # fmt: skip


def _acted(session: Session, act: Callable[[Any], dict[str, Any]], as_json: bool) -> None:
    """Decide, then compute the subjects anew, so that the answer can be looked at; while another computing
    is under way that waits for a worker."""
    from hub.analysis.asking import ask_for
    from hub.database import write
    from hub.work import work

    engine = session.engine()
    with write(engine) as connection:
        found = act(connection)
        job = ask_for(connection, "subjects")
    counts = work(session.site(), engine, job)
    if as_json:
        show_json({**found, "computed": counts})
        return
    number = found.get("decision", found.get("number"))
    done = "Decision {number} is kept; subjects are computed."
    later = (
        "Decision {number} is kept; subjects are computed once the computing that runs is over."
    )
    click.echo(session.text(later if counts is None else done).format(number=number))


def _title(session: Session, dataset: str) -> str:
    standard = session.catalogue().get(dataset)
    return standard.title if session.locale == "zh_CN" else standard.title_en


def _text(value: object) -> object:
    return "；".join(map(str, value)) if isinstance(value, list | tuple) else value
