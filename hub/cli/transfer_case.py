"""The case itself in `hub transfer`: drafted, written anew, and what the other commands share."""

from __future__ import annotations

from importlib.resources import files as files_of
from pathlib import Path
from typing import Any

import click

from hub.cli.chosen import AS, JSON, named
from hub.cli.context import Session
from hub.cli.output import show_json
from hub.terms import Office, office
from hub.transfers import acting, files, parties, words
from hub.transfers.parties import Actor

NUMBER = click.argument("number")
FILES = click.option(
    "--file",
    "paths",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A document of the case file; can be given several times.",
)
CASE = click.Path(exists=True, dir_okay=False, path_type=Path)


def office_of(session: Session) -> Office:
    """Where acts are done, with every table there."""
    site = session.site()
    engine = session.engine()
    return office(site, engine)


def actor_of(at: Office, name: str | None) -> Actor:
    """Who acts; raises Misdeclared (actor_missing)."""
    with at.engine.connect() as connection:
        return parties.person(connection, named(name))


def say(session: Session, done: dict[str, Any], as_json: bool) -> None:
    """What was done: the case and its state."""
    if as_json:
        show_json(done)
    elif "state" in done:
        state = done["state"]
        click.echo(f"{done['number']}: {session.text(words.STATES.get(state, state))}")
    else:
        click.echo(done["number"])


def add_cases(group: click.Group) -> None:
    """Add the commands to the group."""
    for one in (draft, edit, sample):
        group.add_command(one)


@click.command()
@click.argument("case", type=CASE)
@click.option("--department", required=True, help="Code of the department that transfers.")
@click.option(
    "--to", required=True, help="The addressee: a department's code or a consumer's name."
)
@FILES
@AS
@JSON
@click.pass_obj
def draft(
    session: Session,
    case: Path,
    department: str,
    to: str,
    paths: tuple[Path, ...],
    actor: str | None,
    as_json: bool,
) -> None:
    """A new case from a JSON file with fields of case_transfer, and its documents.

    \b
    Example:
      hub transfer draft case.json --department market_regulation --to public_security --as zhao
    """
    at = office_of(session)
    one = actor_of(at, actor)
    kept = _kept(at, paths)  # first: of a document that isn't taken no draft is left
    number = acting.draft(at, one, department, to, case.read_bytes())
    _attach(at, one, number, kept)
    say(session, {"number": number, "state": "drafted", "step": 1}, as_json)


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@JSON
@click.pass_obj
def sample(session: Session, target: Path, as_json: bool) -> None:
    """Write an invented case as a JSON file, to begin from.

    \b
    Example:
      hub transfer sample case.json
    """
    target.write_bytes(files_of("hub.transfers").joinpath("sample_case.json").read_bytes())
    if as_json:
        show_json({"file": str(target)})
        return
    click.echo(session.text("Written: {file}").format(file=target))


@click.command()
@NUMBER
@click.option("--case", type=CASE, help="The case anew, as a JSON file.")
@FILES
@AS
@JSON
@click.pass_obj
def edit(
    session: Session,
    number: str,
    case: Path | None,
    paths: tuple[Path, ...],
    actor: str | None,
    as_json: bool,
) -> None:
    """Write a draft, or a case that was returned, anew; or add documents to it.

    \b
    Example:
      hub transfer edit YS5f0c… --file report.pdf --as zhao
    """
    at = office_of(session)
    one = actor_of(at, actor)
    kept = _kept(at, paths)
    if case is not None:
        acting.rewrite(at, one, number, case.read_bytes())
    _attach(at, one, number, kept)
    say(session, {"number": number}, as_json)


def _kept(at: Office, paths: tuple[Path, ...]) -> list[dict[str, Any]]:
    found = []
    for path in paths:
        with path.open("rb") as source:
            found.append(files.keep(at.site, source, path.name))
    return found


def _attach(at: Office, one: Actor, number: str, kept: list[dict[str, Any]]) -> None:
    for file in kept:
        acting.attach(at, one, number, file)
