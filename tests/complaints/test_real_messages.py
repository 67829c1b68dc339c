"""The real messages through their feed into the ledger, and what is computed from them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.declaration import load_feed
from exchange_schemas.catalogue import load_catalogue
from hub.analysis.inputs import Inputs
from hub.complaints.analysis import GROUP, HOT_SPOT, compute
from hub.current import current_fields
from tests.flow.conftest import FEEDS, Desk, desk

__all__ = ["desk"]
BOOK = "complaints/tipdm2020_fujian3_hot_messages.xlsx"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: the rows are the same on PostgreSQL (tests/flow)."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


def test_real_messages(
    shared: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch, figures: dict[str, int | float]
) -> None:
    monkeypatch.setenv("FEED_DATA", str(shared / "data"))
    result = desk.run(load_feed(FEEDS / "complaint_messages.yml"))
    assert (result["read"], result["accepted"], result["rejected"]) == (4326, 4326, 0)

    written = pl.read_excel(shared / "data" / BOOK, infer_schema_length=0)["留言详情"]
    indented = written.str.contains(r"^\s").sum()
    assert indented == 4208, "most texts stand behind line breaks and tabs"
    standard = load_catalogue().get("complaint_report")
    with desk.engine.connect() as connection:
        rows = current_fields(connection, "complaint_report", standard.dtypes)
    assert rows["facts"].str.contains(r"^\s|\s$").sum() == 0
    assert rows.sort("ticket_no")["facts"].str.len_chars().min() > 0
    figures["messages whose text stood behind white space"] = int(indented)

    inputs = Inputs(desk.site, desk.engine, load_catalogue(), date(2020, 1, 9))
    found = {one.dataset: one.rows for one in compute(inputs)}
    assert found[HOT_SPOT].is_empty(), "messages have neither category, place nor respondent"
    assert found[GROUP].height > 10
    said = found[GROUP].write_json()
    for text in rows["facts"].head(500):
        assert text[:12] not in said
    for title in rows["title"].drop_nulls().head(500):
        assert title not in said
