"""Who reported: what a rejected ticket says of that is kept for the handler, and told nowhere else."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue import ISSUE_COLUMNS, Issue, issues_frame, issues_of
from exchange_schemas.sealed import HIDDEN, without_sealed
from exchange_schemas.titles import with_titles
from hub import quarantine
from hub.cli.main import hub
from hub.quarantine_book import write_book
from hub.tables import metadata
from hub.tables_of_runs import profile
from tests.flow.conftest import Desk

NAME, PHONE = "方晴川" * 40, "13906680000-13906680001-13906680002"  # too long, both of them
HEADER = "编号,渠道,类别,时间,内容,姓名,电话,匿名"
FIELDS = {
    "ticket_no": "编号", "channel": "渠道", "kind": "类别",
    "received_at": {"from": "时间", "convert": "datetime"}, "facts": "内容", "reporter_name": "姓名",
    "reporter_phone": "电话", "reporter_anonymous": {"from": "匿名", "convert": "boolean"},
}  # fmt: skip
ROW = f"MM1,电话,投诉,2026-01-05 08:00:00,商家拒绝退货,{NAME},{PHONE},方家大院"
GOOD = "MM2,电话,投诉,2026-01-05 08:00:00,商家拒绝退货,尹若谷,13906680037,否"
SECRETS = ("方晴川", "13906680000", "方家大院")


def ticket_feed(desk: Desk) -> Any:
    told = {"standard": "complaint_report", "fields": FIELDS, "mode": "increment"}
    return desk.feed(**told)


def stored(desk: Desk, *but: str) -> str:
    """Everything in the database except some tables."""
    with desk.engine.connect() as connection:
        tables = [one for one in metadata.sorted_tables if one.name not in but]
        tables += [profile]
        return "\n".join(str(connection.execute(select(one)).all()) for one in tables)


@pytest.fixture
def delivered(desk: Desk, caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    caplog.set_level(logging.DEBUG)
    desk.write(ROW, GOOD, header=HEADER)
    return dict(desk.run(ticket_feed(desk)))


def test_the_row_is_rejected_for_what_sealed_fields_say(
    delivered: dict[str, Any], desk: Desk
) -> None:
    assert delivered["rejected"] == 1
    with desk.engine.connect() as connection:
        (row,) = quarantine.rows(connection)
    wrong = {one.field: one for one in row.issues}
    assert {"reporter_name", "reporter_phone", "reporter_anonymous"} <= wrong.keys()
    for name in ("reporter_name", "reporter_phone", "reporter_anonymous"):
        assert wrong[name].value == HIDDEN
        for locale in ("zh_CN", "en"):
            message = wrong[name].message(locale)
            assert HIDDEN in message
            assert "{" not in message


def test_nothing_but_the_quarantined_row_keeps_it(
    delivered: dict[str, Any], desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    told = [json.dumps(delivered, ensure_ascii=False), caplog.text]
    told.append(stored(desk, "quarantine"))
    assert not [word for text in told for word in SECRETS if word in text]
    # The accepted row is a record, of which the department has the whole; no profile lists names.
    with desk.engine.connect() as connection:
        assert "尹若谷" not in str(connection.execute(select(profile.c.content)).all())


def test_the_workbook_has_it_for_the_handler_and_lists_have_not(
    delivered: dict[str, Any], desk: Desk, tmp_path: Path
) -> None:
    with desk.engine.connect() as connection:
        rows = quarantine.rows(connection)
    write_book(tmp_path / "book.xlsx", "desk", rows, dict.fromkeys(FIELDS, ()))
    cells = pl.read_excel(tmp_path / "book.xlsx", infer_schema_length=0)
    assert NAME in str(cells.to_dicts())
    words = ["--site", str(desk.site.path), "quarantine", "list"]
    for call in ([*words, "--json"], words):
        result = CliRunner().invoke(hub, call)
        assert result.exit_code == 0
        assert not [word for word in SECRETS if word in result.output]


def test_a_preview_shows_that_there_is_something(desk: Desk) -> None:
    desk.write(ROW, GOOD, header=HEADER)
    feed = desk.folder / "desk.yml"
    ticket_feed(desk)
    for more in (["--json"], []):
        result = CliRunner().invoke(
            hub, ["--site", str(desk.site.path), "feed", "preview", str(feed), *more]
        )
        assert result.exit_code == 0, result.output
        assert not [word for word in (*SECRETS, "尹若谷", "拒绝退货") if word in result.output]
        assert HIDDEN in result.output
        assert "MM1" in result.output


def test_words_that_tell_the_value_go_with_it() -> None:
    fields = load_catalogue().get("complaint_report").fields
    step = {"step": "trim", "found": "13906680000", "expected": "a day", "expected_zh": "日期"}
    given = issues_frame([
        Issue("step_unreadable", 3, "reporter_phone", "13906680000", params=step),
        Issue("step_unreadable", 4, "demand", "退货", params=step),
        Issue("required", 5, "reporter_name"),
    ])  # fmt: skip
    made = without_sealed(with_titles(given, fields), fields)
    assert dict(made.schema) == ISSUE_COLUMNS
    hidden, open_, missing = issues_of(made)
    assert "13906680000" not in str(hidden)
    assert hidden.params["expected_zh"] == "日期"
    assert hidden.params["title"] == "诉求人电话"
    assert "{" not in hidden.message()
    assert open_.params["found"] == "13906680000"
    assert missing.value is None
