"""`hub target run`, `reset`, `retry` and `province`."""

from __future__ import annotations

import sys
import threading

import click

from hub.cli.context import Session
from hub.cli.output import show_json, show_table
from hub.cli.progress import terminal
from hub.database import write
from hub.outbound import resetting, still_held
from hub.outbound.desk import Desk, open_desk
from hub.outbound.fake_province import PASSWORD, USER, running
from hub.outbound.job import KIND, topic
from hub.outbound.target import find_target
from hub.work import work_now

JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
NAME = click.argument("name", metavar="TARGET")


@click.command()
@NAME
@JSON
@click.pass_obj
def run(session: Session, name: str, as_json: bool) -> None:
    """Deliver now: take in answers, try again what is open, send what is new. Exit code 1 where the
    province didn't let it all through.

    \b
    Example:
      hub target run province_penalties
    """
    site = session.site()
    engine = session.engine()
    found = find_target(site.targets, name)
    with terminal(session, session.text("Delivering")) as progress:
        arguments = {"target": found.name}
        done = work_now(site, engine, KIND, arguments, progress, topic(found.name))
    if as_json:
        show_json(done)
    else:
        names = ("looked", "sent", "taken", "refused", "held", "error")
        columns = ("Entries", "Deliveries", "Taken", "Refused", "Held back", "Failure")
        show_table(session, columns, [[done[one] for one in names]], "Delivered")
    sys.exit(1 if done["error"] else 0)


@click.command()
@NAME
@click.option("--to", "seq", type=click.IntRange(0), required=True,
              help="The last entry that isn't delivered again.")  # fmt: skip
@click.option("--anew", is_flag=True,
              help="Under new identifiers: all of it counts again; what is open is given up.")  # fmt: skip
@click.option("--empty", is_flag=True, help="The province holds nothing any more.")
@JSON
@click.pass_obj
def reset(session: Session, name: str, seq: int, anew: bool, empty: bool, as_json: bool) -> None:
    """Deliver the entries behind one again; a province that has them takes nothing twice.

    \b
    Example:
      hub target reset province_penalties --to 0
    """
    resetting.reset(_desk(session, name), seq, anew=anew, empty=empty)
    _said(as_json, {"target": name, "cursor": seq},
          session.text("Target {name} goes on behind entry {seq}.").format(name=name, seq=seq))  # fmt: skip


@click.command()
@NAME
@click.option("--seq", "seqs", type=int, multiple=True, help="Only this entry; may be repeated.")
@JSON
@click.pass_obj
def retry(session: Session, name: str, seqs: tuple[int, ...], as_json: bool) -> None:
    """Send again, with the next run, what the province refused.

    \b
    Example:
      hub target retry province_penalties --seq 17
    """
    count = resetting.retry_refused(_desk(session, name), list(seqs) or None)
    _said(as_json, {"target": name, "entries": count},
          session.text("{count} entries are sent again.").format(count=count))  # fmt: skip


@click.command()
@NAME
@click.argument("record", metavar="RECORD")
@JSON
@click.pass_obj
def confirm(session: Session, name: str, record: str, as_json: bool) -> None:
    """Note that the province stopped using a record that was withdrawn from publication or repaired.

    RECORD is its public number.

    \b
    Example:
      hub target confirm province_penalties 7kq2mzx4
    """
    site = session.site()
    engine = session.engine()
    found = find_target(site.targets, name)
    with write(engine) as connection:
        count = still_held.confirm(connection, found, record)
    text = session.text("{count} notices are confirmed.").format(count=count)
    _said(as_json, {"target": found.name, "record": record, "confirmed": count}, text)


@click.command()
@click.option("--port", default=8099, show_default=True, help="Port to serve on; 0: a free one.")
@JSON
@click.pass_obj
def province(session: Session, port: int, as_json: bool) -> None:
    """A small province to try a target on, on this machine's loopback only, until Ctrl-C. It keeps nothing.

    \b
    Example:
      hub target province --port 8099
    """
    with running(port=port) as one:
        told = {"wsdl": one.wsdl, "json": one.json_url, "user": USER, "password": PASSWORD}
        if as_json:
            show_json(told)
        else:
            show_table(session, ("What", "Value"), list(told.items()), "A province to try")
            click.echo(session.text("Stop with Ctrl-C."))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            if not as_json:
                click.echo(session.text("Stopped."))


def _said(as_json: bool, told: dict[str, object], text: str) -> None:
    if as_json:
        show_json(told)
    else:
        click.echo(text)


def _desk(session: Session, name: str) -> Desk:
    site = session.site()
    engine = session.engine()
    return open_desk(site, engine, session.catalogue(), find_target(site.targets, name))


COMMANDS = (run, reset, retry, confirm, province)
