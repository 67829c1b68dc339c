"""Cases that were sent, as a file that an ordinary feed takes into the ledger of `case_transfer`.

The feed is declared once in the site (`hub transfer feed`); from then on the file is written anew when a
case has changed, and the schedule takes it as it takes every feed's.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from sqlalchemy import select

from exchange_schemas.catalogue import Catalogue
from hub.site import Site
from hub.terms import Office
from hub.transfers.case import DATASET, full_record
from hub.transfers.looking import steps_by_case
from hub.transfers.parties import party_name
from hub.transfers.states import SENT
from hub.transfers.tables import transfer, transfer_step
from publisher.disk import write_synced

FEED = "hub_case_transfer"
_DECLARATION = """\
feed: {feed}
title: {{zh: 两法衔接案件移送（本平台）, en: Cases transferred through the hub}}
standard: {dataset}
source: {{kind: file, path: {path}}}
format: {{kind: jsonl, encoding: utf-8}}
mode: snapshot
fields:
{fields}
"""


def place(site: Site) -> Path:
    """The file with the cases."""
    return site.path / "transfers" / "case_transfer.jsonl"


def declare(site: Site, catalogue: Catalogue) -> Path:
    """Write the feed's declaration, where the site has none; returns where it stands."""
    target = site.feeds / f"{FEED}.yml"
    if not target.exists():
        fields = "\n".join(f"  {name}: {name}" for name in catalogue.get(DATASET).fields)
        path = json.dumps(str(place(site)), ensure_ascii=False)
        text = _DECLARATION.format(feed=FEED, dataset=DATASET, path=path, fields=fields)
        target.write_text(text, encoding="utf-8")
    return target


def write_feed(at: Office) -> int:
    """Write the file anew where a case has changed; returns how many cases are in it.

    It isn't written while the site doesn't declare the feed, nor before the first case was sent.
    """
    if not (at.site.feeds / f"{FEED}.yml").is_file():
        return 0
    lines = list(_lines(at))
    if not lines:
        return 0
    body = ("\n".join(lines) + "\n").encode()
    target = place(at.site)
    if not target.is_file() or target.read_bytes() != body:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = target.with_suffix(".new")
        write_synced(fresh, body)
        fresh.replace(target)
    return len(lines)


def _lines(at: Office) -> list[str]:
    """One record a line; every field is there, so that a reader of the header knows all of them."""
    names = list(at.catalogue.get(DATASET).fields)
    sent = transfer.c.state.in_(SENT)
    found = []
    with at.engine.connect() as connection:
        called = cache(lambda party: party_name(connection, party))
        query = select(transfer).where(sent).order_by(transfer.c.id)
        rows = connection.execute(query).mappings().all()
        theirs = transfer_step.c.transfer_id.in_(select(transfer.c.id).where(sent))
        steps = steps_by_case(connection, theirs)
        for row in rows:
            record = full_record(dict(row), steps[row["id"]], called(row["addressee"]))
            told = {name: record.get(name) for name in names}
            found.append(json.dumps(told, ensure_ascii=False))
    return found
