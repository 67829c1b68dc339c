"""`hub consume`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import httpx

from exchange_schemas.errors import Corrupt, HubError, Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.cli.consume_shown import show_done, show_news
from hub.cli.context import Session
from hub.cli.output import issue_json, show_issues, show_json
from hub.cli.progress import terminal
from hub.consume.asker import Bearer, signing_as
from hub.consume.asking import Hub
from hub.consume.file_store import FileStore
from hub.consume.places import InFolder, Receiving, in_database
from hub.consume.pull import LIMIT, Wanted
from hub.consume.receiver import Receiver
from hub.consume.trust import Given

#: What can be wrong with one dataset's copy, without a doubt about the hub.
OWN = ("stream_changed", "copy_damaged")


@click.command()
@click.argument("url")
@click.option(
    "--dataset", "datasets", multiple=True, help="What to pull; can be given several times."
)
@click.option(
    "--all", "everything", is_flag=True, help="Pull every dataset that is granted to you."
)
@click.option(
    "--to",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that receives; each dataset gets a folder of its own in it.",
)
@click.option(
    "--database",
    metavar="URL",
    envvar="HUB_CONSUME_DATABASE",
    help="Database that receives, in place of a folder: postgresql://…, mysql://…, sqlite:///…",
)
@click.option(
    "--key",
    envvar="HUB_CONSUMER_KEY",
    help="The consumer's key; better in the environment: HUB_CONSUMER_KEY.",
)
@click.option(
    "--sign-key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the private key or shared secret that signs each request, in place of --key.",
)
@click.option("--key-id", help="Id under which the hub knows the key of --sign-key.")
@click.option(
    "--hub-key",
    "hub_keys",
    multiple=True,
    metavar="FINGERPRINT|FILE",
    help="Key of the hub to believe, or its keys.json; without any, those seen at first are kept.",
)
@click.option("--limit", default=LIMIT, show_default=True, help="Entries per page at most.")
@click.option(
    "--version", help="Version of the standard that you understand; as kept if left out."
)
@click.option(
    "--snapshot", is_flag=True, help="Begin with a snapshot of what stands, not with all."
)
@click.option("--follow", is_flag=True, help="Go on waiting for new entries, until Ctrl-C.")
@click.option("--current", is_flag=True, help="Also write current.jsonl: what stands now.")
@click.option(
    "--reconcile", is_flag=True, help="Compare all that is held with the hub, and repair it."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_obj
def consume(session: Session, /, url: str, **given: Any) -> None:
    """Pull what is new from a hub, proving every entry; resumes where it ended.

    \b
    Example:
      hub consume http://127.0.0.1:8000 --dataset administrative_penalty --to ./received
      hub consume http://127.0.0.1:8000 --all --database postgresql://province@db/exchange --follow
    """
    _check(given)
    with Hub(url, _asker(given)) as hub:
        place = _place(given)
        wanted = Wanted(given["limit"], given["version"], snapshot=given["snapshot"])
        receiver = Receiver(hub, place, Given.of(given["hub_keys"]), wanted)
        names = receiver.datasets() if given["everything"] else list(given["datasets"])
        done, failed = _receive_all(session, receiver, names, given)
        notices = receiver.take_notices()
        _tell(session, done, notices, failed, given)
        if failed:
            sys.exit(1)
        if given["follow"]:
            _follow(session, receiver, names, as_json=given["as_json"])


def _check(given: dict[str, Any]) -> None:
    if bool(given["directory"]) == bool(given["database"]):
        raise Misdeclared(Issue("store_missing"))
    if bool(given["datasets"]) == given["everything"]:
        raise Misdeclared(Issue("consume_what"))
    if given["current"] and given["database"]:
        raise Misdeclared(Issue("current_needs_files"))


def _asker(given: dict[str, Any]) -> httpx.Auth:
    if given["sign_key"] or given["key_id"]:
        if not (given["sign_key"] and given["key_id"]):
            raise Misdeclared(Issue("sign_key_alone"))
        return signing_as(given["sign_key"], given["key_id"])
    if not given["key"]:
        raise Misdeclared(Issue("consumer_key_missing"))
    return Bearer(given["key"])


def _place(given: dict[str, Any]) -> Receiving:
    return in_database(given["database"]) if given["database"] else InFolder(given["directory"])


def _receive_all(
    session: Session, receiver: Receiver, names: Sequence[str], given: dict[str, Any]
) -> tuple[list[dict[str, Any]], list[HubError]]:
    """What came of each dataset, and why others failed: one whose grant was changed doesn't keep the
    rest, and the notices, from being received. What casts a doubt on the hub is raised at once."""
    done, failed = [], list[HubError]()
    for name in names:
        try:
            done.append(_receive(session, receiver, name, given))
        except (Refused, Corrupt) as error:
            own = isinstance(error, Refused) or error.issue.code in OWN
            if not own or len(names) == 1:
                raise
            failed.append(error)
    return done, failed


def _receive(
    session: Session, receiver: Receiver, name: str, given: dict[str, Any]
) -> dict[str, Any]:
    with terminal(session, name) as progress:
        progress.step("pulling entries")
        if given["reconcile"]:
            progress.step("comparing with the hub")
            repaired = receiver.reconcile(name)
        done = receiver.receive(name, lambda last, _: progress.rows(last))
    if given["reconcile"]:
        done |= repaired
    if given["current"]:
        done["current"] = str(FileStore(given["directory"], name, given["version"]).current())
    return done


def _tell(
    session: Session,
    done: list[dict[str, Any]],
    notices: dict[str, int],
    failed: list[HubError],
    given: dict[str, Any],
) -> None:
    if not given["as_json"]:
        show_done(session, done, notices, given["version"])
        show_issues([error.issue for error in failed])
    elif len(given["datasets"]) == 1:
        show_json(done[0] | notices)
    else:
        errors = {"errors": [issue_json(error.issue) for error in failed]} if failed else {}
        show_json({"datasets": done, **notices, **errors})


def _follow(session: Session, receiver: Receiver, names: Sequence[str], *, as_json: bool) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not as_json:
        click.echo(session.text("Waiting for new entries. Stop with Ctrl-C."))
    receiver.follow(names, lambda told: show_news(session, told, as_json=as_json), stop)
