"""The analysis over a whole small city: what it writes, that it can be explained, and that nothing sealed is in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from hub.analysis import computing
from hub.analysis.analyses import find
from hub.current import current_fields
from hub.verify import verify
from tests.complaints.conftest import Place
from tests.complaints.ticket_data import DAY, SELLERS, a_ticket, burst, usual_weeks
from tests.hub.ledger_data import put

GROUP, HOT_SPOT, STATISTIC = "complaint_group", "complaint_hot_spot", "complaint_statistic"
SELLER = "91440904MA00001K79"


def tickets() -> list[dict[str, Any]]:
    """Usual weeks, a burst of one kind in one place, one seller again and again, and a text sent thrice."""
    seller = {"respondent_uscc": SELLER, "respondent_name": SELLERS[SELLER],
              "respondent_type": "legal_or_unincorporated"}  # fmt: skip
    again = a_ticket(80_000, DAY - timedelta(days=3))
    return [
        *usual_weeks(),
        *burst(14, category_code="0302", category_path="服务/美容健身", division_code="440982"),
        *burst(6, 91_000, category_code="0102", category_path="商品质量/家电", **seller),
        again,
        {**again, "ticket_no": "MM00080001", "facts": again["facts"] + "请尽快处理。"},
        {**again, "ticket_no": "MM00080002", "facts": again["facts"].replace("：", " :")},
    ]


def compute(place: Place) -> dict[str, Any]:
    found = computing.compute(place.site, place.engine, [find("complaints")], day=DAY)
    return found["complaints"]


def said(place: Place, dataset: str) -> pl.DataFrame:
    with place.engine.connect() as connection:
        return current_fields(connection, dataset, place.catalogue.get(dataset).dtypes)


def test_what_it_says(place: Place) -> None:
    put(place.engine, "complaint_report", tickets())
    counts = compute(place)
    assert {name: one["rejected"] for name, one in counts.items()} == {
        GROUP: 0,
        HOT_SPOT: 0,
        STATISTIC: 0,
    }

    hot = {row["hot_spot_no"]: row for row in said(place, HOT_SPOT).iter_rows(named=True)}
    assert "2026-11-29/事项和地区/0302/440982" in hot
    theirs = hot[f"2026-11-29/被诉方/{SELLER}"]
    assert theirs["tickets"] == [f"MM{91_000 + n:08d}" for n in range(6)]
    assert (theirs["observed"], theirs["respondent_name"]) == (6, SELLERS[SELLER])
    for row in hot.values():
        assert row["observed"] == len(row["tickets"])
        mean = sum(int(one.rpartition("=")[2]) for one in row["usual"]) / len(row["usual"])
        assert float(row["expected"]) == pytest.approx(mean, abs=1e-4)
        assert float(row["p_value"]) <= float(row["q_value"]) <= 0.05

    (group,) = said(place, GROUP).to_dicts()
    assert group["tickets"] == ["MM00080000", "MM00080001", "MM00080002"]
    assert group["group_no"] == "MM00080000"

    told = said(place, STATISTIC)
    whole = told.filter(
        pl.col("division_code") == "440900",
        pl.col("category") == "全部事项",
        pl.col("dept") == "全部部门",
    )
    months = pl.Series([one["received_at"][:7] for one in tickets()]).value_counts()
    expected = dict(months.rows())
    for row in whole.iter_rows(named=True):
        assert row["received"] == expected[row["period"]]
    assert "2026-11" not in whole["period"].to_list(), "a month that isn't over"

    everything = "".join(said(place, name).write_json() for name in (GROUP, HOT_SPOT, STATISTIC))
    for secret in ("薛小楼", "13906680111", "本人", tickets()[0]["facts"][20:30]):
        assert secret not in everything
    assert verify(place.site, place.engine).issues == []


def test_a_second_computing_changes_nothing_and_a_cooled_spot_is_gone(place: Place) -> None:
    every = tickets()
    put(place.engine, "complaint_report", every)
    compute(place)
    again = compute(place)
    for one in again.values():
        assert (one["added"], one["changed"], one["gone"]) == (0, 0, 0)
    before = said(place, HOT_SPOT).height
    put(
        place.engine,
        "complaint_report",
        [],
        [one for one in every if one["ticket_no"] >= "MM00090000"],
    )
    counts = compute(place)
    assert counts[HOT_SPOT]["gone"] > 0
    assert said(place, HOT_SPOT).height < before
