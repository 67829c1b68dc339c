"""The job that checks what a proposed version of a standard would do: every current record, every feed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import jobs
from hub.database import write
from hub.feeds import list_feeds
from hub.heartbeat import heartbeat
from hub.jobs import Lease
from hub.progress import Progress
from hub.proposal import Impact, Proposal, impact, propose
from hub.site import Site

KIND = "impact"
PROPOSED = "proposed"  # the site's folder of proposed standards: proposed/<department>/<dataset>
_NAME = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)


def topic(dataset: str) -> str:
    """One at a time of a dataset."""
    return f"{KIND}:{dataset}"


def folder(site: Site, department: str, dataset: str) -> Path:
    """Where a proposed standard lies that the console can name; raises Misdeclared (proposal_wrong)."""
    if not (_NAME.fullmatch(department) and _NAME.fullmatch(dataset)):
        raise Misdeclared(Issue("proposal_wrong", value=department, params={"dataset": dataset}))
    return site.path / PROPOSED / department / dataset


def find_impact(site: Site, engine: Engine, lease: Lease, progress: Progress) -> dict[str, Any]:
    """Arguments: dataset; proposal, a version of its folder, or "" for the folder of `folder`."""
    told = lease.arguments
    catalogue, name = site.catalogue(), str(told["dataset"])
    place = folder(site, catalogue.get(name).department, name)
    proposal = propose(catalogue, name, str(told["proposal"] or place))
    with heartbeat(lambda: jobs.renew(engine, lease)):
        found = impact(engine, proposal, list_feeds(site.feeds), progress)
    result = as_data(proposal, found)
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


def as_data(proposal: Proposal, found: Impact) -> dict[str, Any]:
    """{version_before, version, verdict, changes, records, failing, fields, feeds, dependents, lost}."""
    return {
        "version_before": proposal.old.version,
        "version": proposal.new.version,
        "verdict": proposal.verdict,
        "changes": [
            {
                "verdict": one.verdict,
                "field": one.field,
                "message": one.message("zh_CN"),
                "message_en": one.message("en"),
            }
            for one in proposal.changes
        ],
        "records": found.records,
        "failing": found.failing,
        "fields": [
            {"field": name, "code": code, "records": count, "samples": found.samples[name, code]}
            for (name, code), count in found.fields.items()
        ],
        "feeds": {name: _told(issues) for name, issues in found.feeds.items()},
        "dependents": {name: _told(issues) for name, issues in found.dependents.items()},
        "lost": _told(found.lost),
    }


def _told(issues: Iterable[Issue]) -> list[dict[str, str]]:
    return [
        {"code": one.code, "message": one.message("zh_CN"), "message_en": one.message("en")}
        for one in issues
    ]
