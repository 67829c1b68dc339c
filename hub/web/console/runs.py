"""One run: its counts, what was wrong with its rows, and what it changed in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import request
from sqlalchemy import Connection

from exchange_schemas.sealed import sealed_names
from exchange_schemas.standard import Standard
from hub import run_pages
from hub.database import look
from hub.declared_feeds import declared_feeds
from hub.notices import of_feed
from hub.web.console import owners
from hub.web.console.console import Answer, Console
from hub.web.console.feeds import READERS
from hub.web.console.policy import of_roles
from hub.web.console.rendering import may, page
from hub.web.console.visit import Visit

_CHANGES = 25


def add_runs(console: Console) -> None:
    """Put the page on the console."""

    @console.page("/runs/<int:run_id>", of_roles(*READERS, owner=owners.of_run(console)))
    def run(_visit: Visit, run_id: int) -> Answer:
        with look(console.engine) as connection:
            row = run_pages.find_run(connection, run_id)
            values = {**_page(console, connection, row), **_issues(connection, row)}
        return page("run.html", **values)


def standard_named(console: Console, name: str) -> Standard | None:
    """The dataset's standard; None where the catalogue has it no more."""
    catalogue = console.catalogue()
    return catalogue.get(name) if name in catalogue.datasets() else None


def shows_keys(standard: Standard | None) -> bool:
    """Whether records may be named by their keys: no part of them is sealed."""
    if standard is None:
        return False
    sealed = sealed_names(standard.fields)
    return not any(name in sealed for part in standard.key for name in part)


def _page(console: Console, connection: Connection, row: Mapping[Any, Any]) -> dict[str, Any]:
    after = request.args.get("after_seq", 0, type=int)
    found = run_pages.changes_page(connection, row, after, _CHANGES + 1)
    standard = standard_named(console, row["dataset"])
    verdict = run_pages.verdict_of(connection, row["id"])
    return {
        "run": row,
        "standard": standard,
        "known": row["feed"] in declared_feeds(console.site.feeds).feeds,
        "seconds": _seconds(row),
        "beside": run_pages.beside(connection, row),
        "verdict": verdict,
        "why": of_feed(connection, row["feed"], row["id"]),
        "changes": found[:_CHANGES],
        "changes_after": after,
        "changes_more": found[_CHANGES - 1]["seq"] if len(found) > _CHANGES else None,
        "keys": shows_keys(standard),
        "parts": [
            {"name": one.get("name"), "size": one.get("size") or 0}
            for one in json.loads(row["told"] or "[]")
        ],
        "record_pages": may(console, "record.show"),
    }


def _issues(connection: Connection, row: Mapping[Any, Any]) -> dict[str, Any]:
    code = request.args.get("code", "")[:64] or None
    after = request.args.get("after", -1, type=int)
    found, more = run_pages.issues_page(connection, row, code, min(after, 2**62))
    return {
        "groups": run_pages.issue_groups(connection, row),
        "issues": found,
        "issues_more": more,
        "issues_after": after,
        "code": code,
    }


def _seconds(row: Mapping[Any, Any]) -> float:
    begun, ended = (datetime.fromisoformat(row[name]) for name in ("started_at", "ended_at"))
    return round((ended - begun).total_seconds(), 1)
