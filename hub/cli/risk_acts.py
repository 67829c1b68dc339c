"""The acts of `hub risk`."""

from __future__ import annotations

import click

from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json
from hub.risks.people import officer
from hub.risks.steps import Place, Words
from hub.risks.steps import act as do

SIGNAL = click.argument("signal")
WHY = click.option("--reason", required=True, help="The reason in your own words.")
SEVERITIES = click.Choice(["低", "中", "高", "严重"])
LIKELIHOODS = click.Choice(["很低", "低", "中", "高"])


def add_acts(group: click.Group) -> None:
    """Add them to the group."""
    for one in (begin, assess, record, close, dismiss, reopen):
        group.add_command(one)


def place_of(session: Session) -> Place:
    """Where the signals of the session's site are dealt with."""
    return Place(session.site(), session.engine(), session.catalogue())


def _act(
    session: Session, actor: str | None, signal: str, name: str, words: Words, as_json: bool
) -> None:
    """Do one act and say what became of the signal."""
    at = place_of(session)
    with at.engine.connect() as connection:
        one = officer(connection, named(actor))
    done = do(at, one, signal, name, words)
    if as_json:
        show_json(done)
    else:
        state = session.text(f"risk:{done['state']}")
        click.echo(f"{done['signal_id']}: {state} {done['level'] or ''}".rstrip())


@click.command()
@SIGNAL
@AS
@JSON
@click.pass_obj
def begin(session: Session, signal: str, actor: str | None, as_json: bool) -> None:
    """Begin to assess a signal.

    \b
    Example:
      hub risk begin FX202600001 --as zhao
    """
    _act(session, actor, signal, "begin", Words(), as_json)


@click.command()
@SIGNAL
@click.option("--severity", type=SEVERITIES, required=True, help="How serious the harm would be.")
@click.option("--likelihood", type=LIKELIHOODS, required=True, help="How likely the harm is.")
@WHY
@AS
@JSON
@click.pass_obj
def assess(
    session: Session,
    signal: str,
    severity: str,
    likelihood: str,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Weigh a signal: severity × likelihood give its level by the matrix in force.

    \b
    Example:
      hub risk assess FX202600001 --severity 高 --likelihood 中 --reason 样品复现过热 --as zhao
    """
    _act(session, actor, signal, "assess", Words(reason, severity, likelihood), as_json)


@click.command()
@SIGNAL
@click.option("--measure", required=True, help="What was done.")
@AS
@JSON
@click.pass_obj
def record(session: Session, signal: str, measure: str, actor: str | None, as_json: bool) -> None:
    """Record a measure that was taken.

    \b
    Example:
      hub risk record FX202600001 --measure 责令下架 --as zhao
    """
    _act(session, actor, signal, "record", Words(measure), as_json)


@click.command()
@SIGNAL
@WHY
@AS
@JSON
@click.pass_obj
def close(session: Session, signal: str, reason: str, actor: str | None, as_json: bool) -> None:
    """Close a signal; takes somebody who had no part in it.

    \b
    Example:
      hub risk close FX202600001 --reason 复查合格 --as chen
    """
    _act(session, actor, signal, "close", Words(reason), as_json)


@click.command()
@SIGNAL
@WHY
@AS
@JSON
@click.pass_obj
def dismiss(session: Session, signal: str, reason: str, actor: str | None, as_json: bool) -> None:
    """Don't credit a signal (不采信); takes somebody who had no part in it.

    \b
    Example:
      hub risk dismiss FX202600001 --reason 无法核实 --as chen
    """
    _act(session, actor, signal, "dismiss", Words(reason), as_json)


@click.command()
@SIGNAL
@WHY
@AS
@JSON
@click.pass_obj
def reopen(session: Session, signal: str, reason: str, actor: str | None, as_json: bool) -> None:
    """Open a signal again that was closed or dismissed.

    \b
    Example:
      hub risk reopen FX202600001 --reason 再次收到投诉 --as zhao
    """
    _act(session, actor, signal, "reopen", Words(reason), as_json)
