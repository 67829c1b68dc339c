"""Quarantine: rejected rows with their issues, as the department delivered them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import Connection, func, select

from exchange_schemas.issue import Issue
from hub.tables import feed, issue, quarantine, run


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """`cells` maps source columns to values as written; `issues` say what is wrong with them."""

    feed: str
    source: str
    run_id: int
    line: int
    cells: dict[str, str | None]
    issues: list[Issue] = field(default_factory=list)

    def messages(self, locale: str) -> list[str]:
        """What is wrong, one sentence per issue."""
        return [one.message(locale) for one in self.issues]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        codes = [
            {
                "code": one.code,
                "field": one.field,
                "value": one.value,
                "message": one.message("zh_CN"),
                "message_en": one.message("en"),
            }
            for one in self.issues
        ]
        return {
            "feed": self.feed,
            "file": self.source,
            "run": self.run_id,
            "line": self.line,
            "cells": self.cells,
            "issues": codes,
        }


def rows(connection: Connection, feed_name: str | None = None) -> list[RejectedRow]:
    """The rejected rows of the last run of each feed (or of one), in order of their lines."""
    last = (
        select(func.max(run.c.id))
        .where(run.c.state != "failed")
        .group_by(run.c.feed_id, run.c.dataset_id)
    )
    read = select(func.coalesce(run.c.same_as, run.c.id)).where(run.c.id.in_(last))
    query = (
        select(feed.c.name, run.c.source, run.c.id, quarantine.c.line, quarantine.c.content)
        .join(run, run.c.id == quarantine.c.run_id)
        .join(feed, feed.c.id == run.c.feed_id)
        .where(run.c.id.in_(read))
        .order_by(feed.c.name, run.c.id, quarantine.c.line)
    )
    if feed_name:
        query = query.where(feed.c.name == feed_name)
    found = [
        RejectedRow(name, source, run_id, line, json.loads(content))
        for name, source, run_id, line, content in connection.execute(query)
    ]
    _attach_issues(connection, found)
    return found


def _attach_issues(connection: Connection, found: list[RejectedRow]) -> None:
    by_place = {(row.run_id, row.line): row for row in found}
    runs = sorted({row.run_id for row in found})
    query = select(issue).where(issue.c.run_id.in_(runs), issue.c.line.is_not(None))
    for one in connection.execute(query).mappings():
        row = by_place.get((one["run_id"], one["line"]))
        if row is not None:
            row.issues.append(
                Issue(
                    one["code"],
                    one["line"],
                    one["field"],
                    one["value"],
                    params=json.loads(one["params"]),
                )
            )


def write_workbook(path: Path, found: Sequence[RejectedRow]) -> None:
    """A workbook with the line, the issues in Chinese and in English, and the row's cells as text.

    Cells are written as text, so that long codes keep their digits and nothing becomes a formula.
    """
    columns = list(dict.fromkeys(name for row in found for name in row.cells))
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("隔离区")
        bold = book.add_format({"bold": True, "bg_color": "#DDE7F3"})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 3)
        sheet.set_column(0, 0, 8)
        sheet.set_column(1, 2, 48)
        sheet.set_column(3, 2 + max(1, len(columns)), 22)
        for place, name in enumerate(["行号", "问题与改法", "What is wrong", *columns]):
            sheet.write_string(0, place, name, bold)
        for number, row in enumerate(found, 1):
            sheet.write_number(number, 0, row.line)
            sheet.write_string(number, 1, "\n".join(row.messages("zh_CN")), text)
            sheet.write_string(number, 2, "\n".join(row.messages("en")), text)
            for place, name in enumerate(columns, 3):
                sheet.write_string(number, place, row.cells.get(name) or "", text)
