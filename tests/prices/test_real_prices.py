"""Three years of real wholesale prices through the real pipeline, and how good alerts on them are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from adapters.declaration import load_feed
from exchange_schemas.price_rules import rules_on
from hub.analysis import columns, computing
from hub.analysis.analyses import find
from hub.current import current_fields
from hub.prices.backtest import backtest
from hub.prices.detection import detect
from hub.prices.series import Series, series_of
from publisher.prices.quotes import quotes
from tests.flow.conftest import FEEDS, Desk, desk

__all__ = ["desk"]
LAST = date(2016, 5, 5)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what is judged is the same on PostgreSQL."""
    return f"sqlite:///{tmp_path / 'hub.sqlite'}"


@pytest.fixture
def real(desk: Desk, shared: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("FEED_DATA", str(shared / "data"))
    result = desk.run(load_feed(FEEDS / "fruit_prices.yml"))
    assert (result["read"], result["accepted"], result["rejected"]) == (79_621, 79_153, 468)
    assert result["issues"] == {"amount_order": 3, "row_duplicate": 468}
    return desk


def known(desk: Desk) -> Series:
    catalogue = desk.site.catalogue()
    with desk.engine.connect() as connection:
        scanned = columns.scan(desk.site, connection, catalogue.get("price_monitoring"))
        found = quotes(scanned, date.max).collect()
    assert found.height == 79_153 - 3
    return series_of(found, rules_on(LAST))


def test_alerts_of_the_last_month_and_an_unchanged_second_run(real: Desk) -> None:
    first, second = (
        computing.compute(real.site, real.engine, [find("prices")], day=LAST)["prices"][
            "price_alert"
        ]
        for _ in range(2)
    )
    assert first["rejected"] == 0
    assert 20 < first["added"] < 120  # of some hundred series
    assert (second["added"], second["changed"], second["unchanged"]) == (0, 0, first["added"])
    with real.engine.connect() as connection:
        wanted = real.site.catalogue().get("price_alert").dtypes
        rows = current_fields(connection, "price_alert", wanted).rows(named=True)
    kiwi = next(row for row in rows if row["item_name"] == "猕猴桃（海沃德）")
    assert (kiwi["alert_level"], kiwi["observed_on"]) == ("橙", "2016-04-22")
    assert all(len(row["observations"]) >= 5 for row in rows)


@pytest.mark.slow
def test_how_good_alerts_are(real: Desk, figures: dict[str, int | float]) -> None:
    catalogue = real.site.catalogue()
    with real.engine.connect() as connection:
        sizes = (10, 20, 30, -10, -20, -30)
        told, jumps, every = backtest(real.site, connection, catalogue, 10.0, sizes)
    assert told["false_per_item_year"] < 0.35
    assert told["false_share"] < 0.12
    assert every.height >= told["alerts"]
    found = {one["size_pct"]: one for one in jumps}
    assert found[30]["recall"] > 0.7 and found[-30]["recall"] > 0.85
    assert found[20]["recall"] > 0.45 and found[30]["delay_days"] <= 2
    figures |= {
        f"prices: {n}": told[n]
        for n in (
            "alerts",
            "false",
            "alerts_per_point_year",
            "false_per_point_year",
            "false_per_item_year",
        )
    }
    figures |= {
        f"prices: share of jumps of {n} % found": one["recall"] for n, one in found.items()
    }
    figures |= {
        f"prices: days until a jump of {n} % is found": one["delay_days"]
        for n, one in found.items()
    }


@pytest.mark.slow
def test_no_alert_of_the_real_prices_looks_ahead(real: Desk) -> None:
    """Detection on prices up to a day says the same of that day as detection on all of them."""
    whole, rules = known(real), rules_on(LAST)
    every = detect(whole, rules).alerts
    for day in (date(2014, 11, 3), date(2015, 6, 30)):
        part = Series(
            whole.about, whole.steps.filter(whole.steps["t"] <= (day - date(2000, 1, 3)).days)
        )
        same = ["alert_no", "observed_on", "kind", "level", "score", "known"]
        then = detect(part, rules).alerts.select(same).sort("alert_no")
        assert then.equals(every.filter(every["observed_on"] <= day).select(same).sort("alert_no"))
        assert then.height > 50
