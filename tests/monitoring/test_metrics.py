"""Metrics: what Prometheus reads, what the dashboard asks for, and what the page says, are one list."""

from __future__ import annotations

import json
import re
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, insert

from hub.database import write
from hub.monitoring.collector import Collector
from hub.monitoring.exposition import exposition
from hub.monitoring.facts import EACH, Facts, gather
from hub.monitoring.families import FAMILIES
from hub.monitoring.http_counts import HttpCounts, http_counts
from hub.monitoring.tables import watched_certificate
from hub.monitoring.totals import add_run
from hub.outbound.tables import target_entry, target_state
from hub.site import Site
from tests.hub.exchange_hub import a_key
from tests.monitoring.watched_site import a_job, a_run, ago, declare, disclosures, ledgers
from tests.services.needs import NeedMissing, require
from tests.source_tree import ROOT

DASHBOARD = ROOT / "docs" / "examples" / "grafana-dashboard.json"
RULES = ROOT / "docs" / "examples" / "prometheus-rules.yml"
PAGE = ROOT / "docs" / "watch-the-hub.md"
NAME = re.compile(r"\bhub_[a-z_]+\b")


@pytest.fixture
def promtool() -> str:
    try:
        require(["prometheus"])
    except NeedMissing as error:
        pytest.skip(str(error))
    return "promtool"


@pytest.fixture
def busy(site: Site, engine: Engine) -> Engine:
    """A site in which every family has a sample."""
    ledgers(engine)
    a_key(engine)
    declare(site, "town")
    a_run(engine, "town", "held", rejected=2)
    a_job(engine, "publish", "queued")
    disclosures(engine, 2, "pending", -1)
    add_run(engine, "town", {"pull": 0.5, "read": 1.25}, {"read": 10})
    add_run(engine, "town", {"pull": 0.5}, {})
    with write(engine) as connection:
        row = {"target": "province", "site": "s", "dataset": "market_entity", "cursor": 0}
        connection.execute(insert(target_state).values(**row))
        left = {"target": "province", "seq": 1, "key": "k", "state": "refused", "at": ago()}
        connection.execute(insert(target_entry).values(**left))
        ends = {"address": "a:443", "ends_at": ago(days=-5), "asked_at": ago()}
        connection.execute(insert(watched_certificate).values(**ends))
    return engine


def shown(site: Site, engine: Engine) -> str:
    http_counts().add("portal", "200", 0.01)
    catalogue = site.catalogue()
    text, media_type = exposition(Collector(lambda: gather(site, engine, catalogue)))
    assert media_type.startswith("text/plain")
    return text.decode()


def exposed() -> set[str]:
    """Names of all series."""
    counted = {f"hub_http_request_seconds_{suffix}" for suffix in ("bucket", "count", "sum")}
    own = {f"{one.name}_total" if one.kind == "counter" else one.name for one in FAMILIES}
    return own | counted | {"hub_http_requests_total", "hub_build_info"}


def test_families_have_their_figures(site: Site, busy: Engine) -> None:
    text = shown(site, busy)
    for line in (
        'hub_stage_seconds_total{feed="town",stage="pull"} 1.0',
        'hub_stage_runs_total{feed="town",stage="pull"} 2.0',
        'hub_stage_rows_total{feed="town",stage="read"} 10.0',
        'hub_jobs{kind="publish",state="queued"} 1.0',
        "hub_queue_depth 1.0",
        "hub_runs_held 1.0",
        'hub_feed_rejected_rows{feed="town"} 2.0',
        'hub_disclosures{dataset="market_entity",state="pending"} 2.0',
        'hub_disclosures_overdue{dataset="market_entity",department="market_regulation"} 2.0',
        'hub_ledger_revisions{dataset="market_entity"} 3.0',
        'hub_target_behind_entries{target="province"} 3.0',
        'hub_target_entries{state="refused",target="province"} 1.0',
        'hub_part_seen{part="jobs"} 1.0',
        'hub_http_requests_total{class="portal",status="200"}',
    ):
        assert line in text
    names = {n.split("{")[0].split(" ")[0] for n in text.splitlines() if not n.startswith("#")}
    assert names <= exposed()
    silent = {"hub_backup_age_seconds", "hub_release_age_seconds", "hub_receipts_overdue"}
    assert exposed() - names - silent <= {
        "hub_feed_delivered_seconds", "hub_stream_entries", "hub_stream_sealed_entries",
        "hub_disclosures_due_today",
    }  # fmt: skip


def test_prometheus_finds_nothing_to_say(site: Site, busy: Engine, promtool: str) -> None:
    done = subprocess.run(
        [promtool, "check", "metrics"], input=shown(site, busy), text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_rules_are_rules_of_metrics_that_exist(promtool: str) -> None:
    subprocess.run([promtool, "check", "rules", str(RULES)], check=True, capture_output=True)
    assert set(NAME.findall(RULES.read_text(encoding="utf-8"))) <= exposed()


def test_the_dashboard_shows_all_of_them_and_nothing_else(promtool: str, tmp_path: Path) -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    used = {name for text in asked for name in NAME.findall(text)}
    wanted = exposed() - {f"hub_http_request_seconds_{s}" for s in ("count", "sum")}
    assert used == wanted
    rules = [{"record": f"x{n}", "expr": text} for n, text in enumerate(asked)]
    file = tmp_path / "rules.json"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    subprocess.run([promtool, "check", "rules", str(file)], check=True, capture_output=True)
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_the_page_has_every_metric() -> None:
    told = set(NAME.findall(PAGE.read_text(encoding="utf-8")))
    families = {n for n in exposed() if not n.startswith("hub_http_request_seconds_")}
    assert families | {"hub_http_request_seconds"} <= told


def test_it_is_looked_at_once_however_many_ask() -> None:
    looked = []

    def look() -> Facts:
        time.sleep(0.05)
        looked.append(1)
        return Facts(datetime.now(UTC), {}, {})

    collector = Collector(look, seconds=60)
    those = [Thread(target=lambda: list(collector.collect())) for _ in range(8)]
    for one in those:
        one.start()
    for one in those:
        one.join()
    assert len(looked) == 1


def test_a_slow_query_ends_and_hides_one_part_only(
    site: Site, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    forever = (
        "SELECT pg_sleep(60)"
        if engine.dialect.name == "postgresql"
        else "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    )
    from hub.monitoring import facts

    slow = {**facts.PARTS, "jobs": lambda at: at.connection.exec_driver_sql(forever).all()}
    monkeypatch.setattr(facts, "PARTS", slow)
    monkeypatch.setattr(facts, "EACH", 0.3)
    begin = time.monotonic()
    found = gather(site, engine, site.catalogue())
    assert time.monotonic() - begin < EACH + 3
    assert set(found.failed) == {"jobs"} and found.machine is not None
    with engine.connect() as connection:  # the connection is as it was
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


def test_counts_of_one_process_are_its_own() -> None:
    counts = HttpCounts()
    counts.add("portal", "200", 0.2)
    (sample,) = [
        s for f in counts.registry().collect() for s in f.samples if s.name.endswith("_sum")
    ]
    assert sample.value == pytest.approx(0.2)
