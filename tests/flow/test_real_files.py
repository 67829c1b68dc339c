"""The real files, whole: how many rows are read, accepted and rejected, and why.

The rejected rows were read by a person, who agrees with each:

- env_penalties: three decisions carry no decision date; the last of them is an order to correct,
  which isn't a penalty (Administrative Penalty Law 2021, article 9).
- kinginsun_jiangxi_2018 line 1542: the capital is "30,000(元/万元)", two units at once.
- kinginsun_maoming line 246: the capital is a person's name; the columns after it have slipped.
- kinginsun_zhejiang_1992: one row has nine fields (a quote is doubled in its scope); in another the
  capital is the end of the scope.
- kinginsun_national: see `NATIONAL`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.declaration import load_feed
from exchange_schemas.catalogue import load_catalogue
from hub import disclosures, ledger, quarantine
from hub.tables import dataset, head
from tests.flow.conftest import FEEDS, Desk, counts

#: feed → read, accepted, rejected; issues by code that reject; issues that don't
FILES: dict[str, tuple[int, int, int, dict[str, int], dict[str, int]]] = {
    "env_penalties": (
        6, 3, 3, {"required": 3, "code_unknown": 1},
        {"expected": 5, "total_differs": 1, "deadline_missed": 1},
    ),
    "foodmate_2021_1": (629, 629, 0, {}, {"expected": 630}),
    "foodmate_2021_2": (1213, 1213, 0, {}, {"expected": 1251}),
    "foodmate_2022": (2297, 2297, 0, {}, {"expected": 2770}),
    "kinginsun_jiangxi_2018": (8744, 8743, 1, {"amount_unreadable": 1}, {"expected": 8186}),
    "kinginsun_jiangxi_gb18030": (2000, 1999, 1, {"amount_unreadable": 1}, {"expected": 1813}),
    "kinginsun_maoming": (1678, 1677, 1, {"amount_unreadable": 1}, {"expected": 1332}),
    "kinginsun_ningxia_2015": (9620, 9620, 0, {}, {"expected": 9431}),
    "kinginsun_zhejiang_1992": (
        2386, 2384, 2, {"amount_unreadable": 1, "row_length": 1}, {"expected": 1645},
    ),
    "ningbo_abnormal": (50, 50, 0, {}, {}),
    "ningbo_entities": (999, 999, 0, {}, {"expected": 121}),
}  # fmt: skip

UNQUALIFIED = {"foodmate_2021_1": 41, "foodmate_2021_2": 28, "foodmate_2022": 55}


@pytest.fixture(autouse=True)
def _data(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_DATA", str(shared / "data"))


def run(desk: Desk, name: str, **options: Any) -> dict[str, Any]:
    """What the run gave, without what depends on today: entries that stand for three years."""
    result = desk.run(load_feed(FEEDS / f"{name}.yml"), **options)
    result["issues"].pop("overdue", None)
    return result


@pytest.mark.parametrize("name", FILES)
def test_counts_of_a_whole_file_and_an_identical_second_run(desk: Desk, name: str) -> None:
    read, accepted, rejected, errors, others = FILES[name]
    result = run(desk, name)
    assert counts(result) == (read, accepted, rejected, accepted, 0, 0, 0)
    assert result["issues"] == {**errors, **others}
    assert not result["held"]
    again = (read, accepted, rejected, 0, 0, accepted, 0)
    for options in ({}, {"reread": True}, {}):  # known by its digest, and read again
        result = run(desk, name, **options)
        assert counts(result) == again
        assert result["issues"] == {**errors, **others}


@pytest.mark.parametrize("name", UNQUALIFIED)
def test_exactly_the_unqualified_rows_become_unqualified_products(desk: Desk, name: str) -> None:
    derived = run(desk, name)["derived"][0]
    assert derived["dataset"] == "unqualified_product"
    expected = UNQUALIFIED[name]
    assert counts(derived) == (expected, expected, 0, expected, 0, 0, 0)


def test_the_gb18030_file_gives_the_ledger_of_its_utf8_original(desk: Desk) -> None:
    run(desk, "kinginsun_jiangxi_2018")
    second = run(desk, "kinginsun_jiangxi_gb18030")
    assert counts(second) == (2000, 1999, 1, 0, 0, 1999, 0)


def test_rejected_rows_name_line_field_value_and_what_to_do(desk: Desk) -> None:
    run(desk, "env_penalties")
    with desk.engine.connect() as connection:
        rows = quarantine.rows(connection, "env_penalties")
    assert [row.line for row in rows] == [2, 4, 6]
    last = rows[-1]
    assert {i.code for i in last.issues} >= {"required", "code_unknown"}
    told = next(i for i in last.issues if i.code == "code_unknown")
    assert told.value == "责令改正"
    assert "处罚类别" in told.message("zh_CN")
    assert last.cells["documentNumber"] == "济环责改〔2019〕47号"


def test_all_of_them_side_by_side_and_every_public_record_asks_for_approval(desk: Desk) -> None:
    for name in FILES:
        run(desk, name)
    pending = disclosures.refresh(desk.engine, load_catalogue())
    with desk.engine.connect() as connection:
        ends = {
            n: ledger.head_seq(connection, n) for n in connection.scalars(select(dataset.c.name))
        }
        heads = len(connection.execute(select(head.c.key)).all())
    # Four samplings stand in two of the three files, and the 2,000 rows of Jiangxi in both.
    assert ends == {
        "abnormal_operation_list": 50,
        "administrative_penalty": 3,
        "food_sampling_result": 629 + 1213 + 2297 - 4,
        "market_entity": 8743 + 1677 + 9620 + 2384 + 999,
        "unqualified_product": 41 + 28 + 55,
    }
    assert heads == sum(ends.values())
    # 帝一房地产…: the name of a company that reads like a room is for a person to look at.
    assert sum(pending.values()) == heads - 1


def test_the_national_file_streamed_from_xz(desk: Desk) -> None:
    result = run(desk, "kinginsun_national")
    assert counts(result) == (300_431, 300_361, 70, 300_361, 0, 0, 0)
    assert {k: v for k, v in result["issues"].items() if k not in ODD} == NATIONAL
    assert result["issues"]["code_start"] == 3


#: Issues that reject nothing: what is expected and missing, and sole traders without a code of theirs.
ODD = ("expected", "code_start")

#: Issues that reject rows of the national file, each row read by a person: amounts cut at a comma or
#: grouped wrongly or slipped into from the next column (45), wrong check digits (22), one row with 13
#: cells, one exact repetition, and one key that comes twice with different addresses.
NATIONAL: dict[str, int] = {
    "amount_unreadable": 45,
    "check_digit": 22,
    "key_duplicate": 1,
    "row_duplicate": 1,
    "row_length": 1,
}
