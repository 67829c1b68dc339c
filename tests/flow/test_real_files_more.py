"""Real files of the datasets beside registration, penalties and food, whole, with exact counts.

The rejected rows were read by a person, who agrees with each; see the notes at `FILES`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.declaration import load_feed
from tests.flow.conftest import FEEDS, Desk, counts

#: feed → read, accepted, rejected; issues by code
FILES: dict[str, tuple[int, int, int, dict[str, int]]] = {
    # years of five to nine digits, made of Excel's day numbers; 34 firms were licensed by "市注协"
    "accounting_firm_licences": (
        4000, 3984, 16, {"date_unreadable": 16, "department_unknown": 34},
    ),
    "complaint_messages": (4326, 4326, 0, {}),
    "drug_numbers_domestic": (1718, 1718, 0, {}),
    "drug_numbers_import": (2872, 2872, 0, {}),
    # a row that agrees with another in item, day and prices is the same quotation, listed twice; three have a
    # lowest price above the highest
    "fruit_prices": (79_621, 79_153, 468, {"amount_order": 3, "row_duplicate": 468}),
    "open_data_catalogue": (190, 190, 0, {}),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _data(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_DATA", str(shared / "data"))


def run(desk: Desk, name: str, **options: Any) -> dict[str, Any]:
    return desk.run(load_feed(FEEDS / f"{name}.yml"), **options)


@pytest.mark.parametrize("name", FILES)
def test_counts_of_a_whole_file_and_an_identical_second_run(desk: Desk, name: str) -> None:
    read, accepted, rejected, issues = FILES[name]
    result = run(desk, name)
    assert counts(result) == (read, accepted, rejected, accepted, 0, 0, 0)
    assert result["issues"] == issues
    assert not result["held"]
    result = run(desk, name, reread=True)
    assert counts(result) == (read, accepted, rejected, 0, 0, accepted, 0)
    assert result["issues"] == issues
