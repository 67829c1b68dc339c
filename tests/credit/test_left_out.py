"""What a repair ends counts no more from that day in Maoming; and whose a record is may change without it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from sqlalchemy import insert, select, update

from hub import disclosures, triggers
from hub.analysis.inputs import Inputs
from hub.credit import computing
from hub.database import write
from hub.subjects.linked import linked
from hub.tables import dataset
from hub.tables_of_review import decision, disclosure
from tests.analysis.conftest import Place
from tests.credit.city import (
    CLASS,
    MARKET,
    PENALTY,
    code,
    company,
    compute,
    penalty,
    put,
    result,
    said,
)


def repaired(place: Place, at: str) -> None:
    """As the act of repair leaves the disclosure of every penalty, decided at an instant (UTC)."""
    with write(place.engine) as connection:
        triggers.drop(connection)  # how a record comes there is tested elsewhere
        number = connection.scalar(select(dataset.c.id).where(dataset.c.name == PENALTY))
        row = {
            "dataset_id": number, "act": "repair", "actor": "li", "reason_code": "repaired", "legal_basis": "…",
            "rule": "…", "records": 1, "decided_at": at,
        }  # fmt: skip
        made = connection.scalar(insert(decision).values(row).returning(decision.c.id))
        words = {"state": "repaired", "decision_id": made}
        mine = disclosure.c.dataset_id == number
        connection.execute(update(disclosure).where(mine).values(words))


def test_what_was_repaired_counts_no_more_from_that_day_on(place: Place) -> None:
    put(place.engine, MARKET, [company(1)])
    put(place.engine, PENALTY, [penalty(1, 1)])
    disclosures.refresh(place.engine, place.catalogue)
    compute(place, date(2026, 11, 29))
    repaired(place, "2026-11-30T15:59:59.000Z")
    compute(place, date(2026, 11, 29))
    assert result(place, 1)["integrity_score"] == 88
    compute(place, date(2026, 11, 30))  # 23:59 in Maoming
    assert result(place, 1)["contributions"] is None
    repaired(place, "2026-11-30T16:00:00.000Z")
    compute(place, date(2026, 11, 30))
    assert result(place, 1)["integrity_score"] == 88  # midnight: it is the next day's
    compute(place, date(2026, 12, 1))
    assert result(place, 1)["contributions"] is None


def test_a_record_that_becomes_somebody_elses(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The subject file changes, and no record does."""
    moved: dict[str, str] = {}

    def elsewhere(inputs: Inputs, name: str) -> pl.LazyFrame:
        return linked(inputs, name).with_columns(pl.col("subject").replace(moved))

    def forbidden(*_given: Any) -> Any:
        raise AssertionError("everything was computed")

    for module in ("computing", "register"):
        monkeypatch.setattr(f"hub.credit.{module}.linked", elsewhere)
    monkeypatch.setattr(computing, "SUBJECTS", "consumer_warning")  # any dataset will do
    put(place.engine, MARKET, [company(1), company(2), company(3)])
    put(place.engine, PENALTY, [penalty(1, 2)])
    compute(place)
    monkeypatch.setattr(computing, "_whole", forbidden)
    put(place.engine, "consumer_warning", [{"warning_id": "1"}])
    moved[code(2)] = code(1)  # the two turn out to be one
    counts = compute(place)[CLASS]
    assert (counts["changed"], counts["gone"], counts["unchanged"]) == (1, 1, 0)
    assert result(place, 1)["integrity_score"] == 88
    assert said(place, CLASS)["subject"].to_list() == [code(1), code(3)]
    put(place.engine, "consumer_warning", [{"warning_id": "2"}])
    moved.clear()
    compute(place)
    assert result(place, 1)["contributions"] is None
    assert result(place, 2)["integrity_score"] == 88
