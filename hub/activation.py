"""Taking a proposed version of a standard into use at a site."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from exchange_schemas.check import check_standard
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.loading import BLOCKS
from exchange_schemas.version_diff import BREAKING
from hub import ledger
from hub.database import connect, create_tables, write
from hub.feeds import list_feeds
from hub.instant import utc_now
from hub.progress import Silent
from hub.proposal import Impact, Proposal, impact
from hub.site import Site
from hub.tables import activation, dataset


def activate(
    site: Site, engine: Engine, proposal: Proposal, found: Impact, actor: str, *, accept: bool
) -> int:
    """Use a proposed standard from now on; returns the number of the activation.

    Its folder is copied into the site, so that nobody changes it there. Public views are made anew,
    and what looks different then asks for approval again. Where the ledger has grown since `found`,
    it is looked at again while nobody can append. Raises Refused (impact_refused, already_active,
    version_in_use, derivation_broken), Misdeclared for a folder that `hub standard check` refuses.
    """
    create_tables(engine)
    settle(site, engine)
    _refuse_what_is_wrong(proposal)
    _refuse_what_breaks(proposal, found, accept=accept)
    with write(engine) as connection:
        standing = ledger.lock(connection, ledger.dataset_id(connection, proposal.new.dataset))
        if standing != found.seq:
            found = impact(engine, proposal, list_feeds(site.feeds), Silent())
            _refuse_what_breaks(proposal, found, accept=accept)
        number = _record(connection, site, proposal, found, actor)
        _copy(site.standards, proposal, number)
    settle(site, engine)
    return number


def settle(site: Site, engine: Engine) -> None:
    """Let the standards be in force that were recorded, also where a crash came between the two."""
    beside = sorted(path for path in site.standards.glob(".*") if path.name[1:].isdigit())
    if not beside:
        return
    with engine.connect() as connection:
        recorded = set(connection.scalars(select(activation.c.id)))
    for folder in beside:
        if int(folder.name[1:]) in recorded:
            folder.rename(site.standards / folder.name[1:])


def _record(
    connection: Connection, site: Site, proposal: Proposal, found: Impact, actor: str
) -> int:
    last = connection.scalar(select(func.max(activation.c.id))) or 0
    number = max(last, *_taken(site.standards)) + 1
    row = {
        "id": number,
        "dataset": proposal.new.dataset,
        "version_before": proposal.old.version,
        "version": proposal.new.version,
        "verdict": proposal.verdict,
        "records": found.records,
        "failing": found.failing,
        "activated_by": actor,
        "activated_at": utc_now(),
    }
    connection.execute(insert(activation).values(row))
    mine = dataset.c.name == proposal.new.dataset
    connection.execute(update(dataset).where(mine).values(reviewed_seq=0))
    return number


def _taken(standards: Path) -> list[int]:
    return [0, *(int(path.name) for path in standards.glob("*") if path.name.isdigit())]


def _refuse_what_is_wrong(proposal: Proposal) -> None:
    words = {"dataset": proposal.new.dataset}
    if proposal.new.version != proposal.new.versions[-1]:
        raise Misdeclared(Issue("proposal_wrong", value=proposal.new.version, params=words))
    now = proposal.before.folder(proposal.new.dataset)
    if _content(proposal.folder) == _content(now) and proposal.new.schema == proposal.old.schema:
        raise Refused(Issue("already_active", value=proposal.new.version, params=words))
    for issue in check_standard(proposal.folder):
        if issue.severity == "error":
            raise Misdeclared(issue)


def _content(folder: Path) -> dict[str, bytes]:
    """What counts in a standard's folder: its declaration, schemas and migrations."""
    named = (p for p in folder.iterdir() if p.name.endswith((".yml", ".schema.json")))
    return {path.name: path.read_bytes() for path in named}


def _refuse_what_breaks(proposal: Proposal, found: Impact, *, accept: bool) -> None:
    """What was recorded must stay readable and runs must go on; the rest is for people to accept."""
    for issue in (*found.lost, *(i for issues in found.dependents.values() for i in issues)):
        if issue.code in ("version_in_use", "derivation_broken"):
            raise Refused(issue)
    if not accept and (reason := _reason(proposal, found)):
        words = {"dataset": proposal.new.dataset, "reason": reason[0], "reason_zh": reason[1]}
        raise Refused(Issue("impact_refused", value=proposal.new.version, params=words))


def _reason(proposal: Proposal, found: Impact) -> tuple[str, str] | None:
    """Why it may not be activated just like that, in English and Chinese."""
    breaking = sum(change.verdict == BREAKING for change in proposal.changes)
    if not any((breaking, found.failing, found.feeds, found.dependents)):
        return None
    counts = (breaking, found.failing, found.records, len(found.feeds), len(found.dependents))
    return (
        "{} breaking changes, {} of {} records fail, {} feeds and {} other standards must "
        "change".format(*counts),
        "不兼容的改变 {} 处，{}/{} 条记录不合格，{} 个数据源、{} 个其他标准须修改".format(*counts),
    )


def _copy(standards: Path, proposal: Proposal, number: int) -> None:
    """The proposed folder with the blocks that it refers to, under a name that doesn't count yet.

    Packaged blocks are copied too: another version of the program must not change a standard that
    is in force.
    """
    beside = standards / f".{number}"
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(proposal.folder, beside / proposal.folder.parent.name / proposal.folder.name)
    for blocks in (BLOCKS, proposal.folder.parents[1] / BLOCKS.name):
        if blocks.is_dir():
            shutil.copytree(blocks, beside / BLOCKS.name, dirs_exist_ok=True)


def in_force(site: Site) -> dict[str, dict[str, Any]]:
    """dataset → the activation that its standard comes from; packaged standards have none."""
    if not site.standards.is_dir():
        return {}  # nothing was ever activated, and there may be no database
    engine = connect(site.database_url)
    create_tables(engine)
    settle(site, engine)
    with engine.connect() as connection:
        rows = connection.execute(select(activation).order_by(activation.c.id)).mappings()
        return {row["dataset"]: {str(name): row[name] for name in row} for row in rows}
