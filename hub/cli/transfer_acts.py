"""The acts of `hub transfer`: each of the sender, of its head, of the addressee, of the procuratorate."""

from __future__ import annotations

import click

from hub.cli.chosen import AS, JSON
from hub.cli.context import Session
from hub.cli.transfer_case import NUMBER, actor_of, office_of, say
from hub.transfers import acting
from hub.transfers.acting import Words
from hub.transfers.tables import RESULTS

WHY = click.option("--reason", help="The reason in your own words.")
DOC = click.option("--doc-no", help="Number of the document.")
DECISIONS = ("accept", "return", "refuse", "file", "decline", "uphold", "explain", "result")
SENDER_ACTS = ("report", "withdraw", "supplement", "copy", "reconsider", "propose", "hand_over")


def add_acts(group: click.Group) -> None:
    """Add them to the group."""
    for one in (advance, approve, send, receive, decide, supervise):
        group.add_command(one)


def _act(
    session: Session, actor: str | None, number: str, name: str, words: Words, json: bool
) -> None:
    at = office_of(session)
    say(session, acting.act(at, actor_of(at, actor), number, name, words), json)


@click.command()
@NUMBER
@click.option("--act", "name", required=True, type=click.Choice(SENDER_ACTS), help="What is done.")
@click.option("--procuratorate", "other", help="Which procuratorate gets a copy.")
@WHY
@DOC
@AS
@JSON
@click.pass_obj
def advance(
    session: Session,
    number: str,
    name: str,
    other: str | None,
    reason: str | None,
    doc_no: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """What the sender does before and after sending: report to the head, copy, ask for reconsideration.

    \b
    Example:
      hub transfer advance YS5f0c… --act report --as zhao
    """
    _act(session, actor, number, name, Words(reason, doc_no, None, other), as_json)


@click.command()
@NUMBER
@click.option("--no", "refused", is_flag=True, help="Decide not to transfer; needs a reason.")
@WHY
@AS
@JSON
@click.pass_obj
def approve(
    session: Session,
    number: str,
    refused: bool,
    reason: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """The head of the department decides on the transfer, within 3 days of the report.

    \b
    Example:
      hub transfer approve YS5f0c… --as qian
    """
    name = "disapprove" if refused else "approve"
    _act(session, actor, number, name, Words(reason), as_json)


@click.command()
@NUMBER
@click.option("--doc-no", required=True, help="Number of the transfer letter.")
@AS
@JSON
@click.pass_obj
def send(session: Session, number: str, doc_no: str, actor: str | None, as_json: bool) -> None:
    """Send an approved case to its addressee, within 24 hours of the approval.

    \b
    Example:
      hub transfer send YS5f0c… --doc-no 茂市监移〔2026〕3号 --as zhao
    """
    _act(session, actor, number, "send", Words(doc_no=doc_no), as_json)


@click.command()
@NUMBER
@DOC
@AS
@JSON
@click.pass_obj
def receive(
    session: Session, number: str, doc_no: str | None, actor: str | None, as_json: bool
) -> None:
    """Sign the receipt, for a department that is the addressee.

    \b
    Example:
      hub transfer receive YS5f0c… --doc-no 茂公接〔2026〕8号 --as chen
    """
    _act(session, actor, number, "receive", Words(doc_no=doc_no), as_json)


@click.command()
@NUMBER
@click.option(
    "--act", "name", required=True, type=click.Choice(DECISIONS), help="What is decided."
)
@click.option("--result", type=click.Choice(RESULTS), help="What became of the prosecution.")
@click.option("--forward-to", "other", help="With refuse: whose case it is.")
@WHY
@DOC
@AS
@JSON
@click.pass_obj
def decide(
    session: Session,
    number: str,
    name: str,
    result: str | None,
    other: str | None,
    reason: str | None,
    doc_no: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """What the addressee decides: accept, return, refuse, file, not file, explain, tell the result.

    \b
    Example:
      hub transfer decide YS5f0c… --act file --doc-no 茂公立字〔2026〕21号 --as chen
    """
    _act(session, actor, number, name, Words(reason, doc_no, result, other), as_json)


@click.command()
@NUMBER
@click.option(
    "--act",
    "name",
    required=True,
    type=click.Choice(("ask", "order", "dismiss", "result")),
    help="What is done.",
)
@click.option("--result", type=click.Choice(RESULTS), help="What became of the prosecution.")
@WHY
@DOC
@AS
@JSON
@click.pass_obj
def supervise(
    session: Session,
    number: str,
    name: str,
    result: str | None,
    reason: str | None,
    doc_no: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """The procuratorate asks for reasons, orders a case to be filed, or holds the refusal to be right.

    \b
    Example:
      hub transfer supervise YS5f0c… --act ask --doc-no 茂检监〔2026〕2号 --as lin
    """
    _act(session, actor, number, name, Words(reason, doc_no, result), as_json)
