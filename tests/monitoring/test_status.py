"""The operator's status over a real site: each state is a line with its level, and says what to do."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, delete, insert, update

from hub.cli.main import hub
from hub.database import write
from hub.monitoring import certificates, seen_machine
from hub.monitoring.facts import PARTS
from hub.monitoring.line import FAULT, OK, WARNING, Line
from hub.monitoring.status import PARTS_OF, Status, look
from hub.monitoring.tables import watched_certificate
from hub.outbound.tables import target_state
from hub.site import Site
from hub.tables import job
from tests.hub.exchange_hub import a_key
from tests.monitoring.watched_site import (
    a_job,
    a_run,
    ago,
    declare,
    disclosures,
    ledgers,
)
from tests.services.ftps_server import make_certificate
from tests.services.http_server import http_server


def seen(site: Site, engine: Engine, **later: float) -> Status:
    now = datetime.now(UTC) + timedelta(**later)
    return look(site, engine, site.catalogue(), now)


def line(status: Status, part: str, name: str) -> Line:
    (found,) = [one for one in status.of(part) if one.name == name]
    return found


def test_a_new_site_has_no_fault(site: Site, engine: Engine) -> None:
    status = seen(site, engine)
    assert status.level == OK and not status.facts.failed
    assert set(status.facts.seconds) == set(PARTS)
    assert {one.part for one in status.lines} <= {p for parts in PARTS_OF.values() for p in parts}
    assert set(status.versions) == {"hub", "python", "database"}


def test_feeds_are_fresh_late_never_failed_or_held(site: Site, engine: Engine) -> None:
    ledgers(engine)
    declare(site, "fresh", "late", "never", "failed", "stopped")
    a_run(engine, "fresh", rejected=4)
    a_run(engine, "late", hours=100)
    a_run(engine, "failed", hours=20)
    a_run(engine, "failed", "failed")
    a_run(engine, "stopped", hours=20)
    number = a_run(engine, "stopped", "held")
    status = seen(site, engine)
    levels = {one.name: one.level for one in status.of("feed")}
    assert levels == {
        "fresh": OK, "late": FAULT, "never": WARNING, "failed": WARNING, "stopped": OK,
    }  # fmt: skip
    assert line(status, "feed", "fresh").figures["rejected"] == 4
    held = line(status, "held", "stopped")
    assert held.level == FAULT and held.issue and str(number) in held.issue.message()
    late = line(status, "feed", "late")
    assert late.issue and "hub feed run late" in late.issue.message("en")
    assert [one.level for one in status.lines] == sorted(
        (one.level for one in status.lines), key=(FAULT, WARNING, OK).index
    )


def test_jobs_that_wait_are_lost_or_fail(site: Site, engine: Engine) -> None:
    a_job(engine, "publish", "queued")
    assert line(seen(site, engine), "queue", "jobs").level == OK
    assert line(seen(site, engine, minutes=20), "queue", "jobs").level == WARNING
    waits = line(seen(site, engine, minutes=70), "queue", "jobs")
    assert (waits.level, waits.size) == (FAULT, 1)
    a_job(engine, "sweep", "queued", not_before=ago(hours=-9))  # it isn't its turn yet
    assert line(seen(site, engine, minutes=70), "queue", "jobs").size == 1
    a_job(engine, "feed_run", "running", lease_until=ago(minutes=1))
    assert line(seen(site, engine), "worker", "leases").level == OK
    assert line(seen(site, engine, minutes=10), "worker", "leases").level == FAULT
    a_job(engine, "feed_run", "failed", "feed:x", ended_at=ago(hours=1))
    a_job(engine, "feed_run", "failed", "feed:y", ended_at=ago(hours=2))
    assert line(seen(site, engine), "job", "feed_run").size == 2
    a_job(engine, "feed_run", "done", "feed:y")
    assert line(seen(site, engine), "job", "feed_run").size == 1
    a_job(engine, "feed_run", "done", "feed:x")
    assert seen(site, engine).of("job") == []


def test_overdue_disclosures_are_told_by_department(site: Site, engine: Engine) -> None:
    ledgers(engine)
    disclosures(engine, 3, "pending", -2)
    disclosures(engine, 2, "pending", 0)
    disclosures(engine, 1, "pending", 5)
    disclosures(engine, 4, "pending", -3, hold="consent:1")  # the term rests
    disclosures(engine, 5, "refused", -3)  # the law forbids it, so it isn't late
    status = seen(site, engine)
    (late,) = status.of("overdue")
    assert (late.level, late.size) == (FAULT, 3)
    assert late.issue and late.issue.value == "market_regulation"
    (due,) = status.of("due")
    assert (due.level, due.size) == (WARNING, 2)
    assert status.facts.disclosures is not None
    assert sum(status.facts.disclosures.states.values()) == 15


def test_consumers_behind_targets_failing_and_certificates(site: Site, engine: Engine) -> None:
    ledgers(engine)
    a_key(engine)
    (behind, *_) = status_lines = seen(site, engine).of("consumer")
    assert status_lines and behind.level == OK and behind.size > 0
    later = seen(site, engine, hours=25).of("consumer")
    assert {one.level for one in later} == {WARNING}
    assert {one.level for one in seen(site, engine, hours=80).of("consumer")} == {FAULT}
    with write(engine) as connection:
        row = {"target": "province", "site": "s", "dataset": "market_entity", "cursor": 1}
        connection.execute(insert(target_state).values(**row, failures=2, failure="target_away"))
        ends = {"address": "a:443", "ends_at": ago(days=-5, hours=-1), "asked_at": ago()}
        connection.execute(insert(watched_certificate).values(**ends))
        bad = {"address": "b:443", "failure": "SSLCertVerificationError", "asked_at": ago()}
        connection.execute(insert(watched_certificate).values(**bad))
    status = seen(site, engine)
    target = line(status, "target", "province")
    assert target.level == WARNING and target.figures["behind"] == 2
    assert line(status, "certificate", "a:443").figures["days"] == 5
    assert {one.level for one in status.of("certificate")} == {FAULT}
    with write(engine) as connection:
        connection.execute(update(target_state).values(failures=3))
        connection.execute(delete(watched_certificate))
    assert line(seen(site, engine), "target", "province").level == FAULT


def test_disk_calendar_and_backups_have_their_thresholds(
    site: Site, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = seen_machine.shutil._ntuple_diskusage
    for free, level in ((1, FAULT), (9, WARNING), (80, OK)):
        size = usage(100 << 30, 0, (free << 30) - 1)
        monkeypatch.setattr(seen_machine.shutil, "disk_usage", lambda _, size=size: size)
        assert line(seen(site, engine), "disk", "site").level == level
    assert seen(site, engine).of("backup") == []
    folder = site.path.with_name(f"{site.path.name}-backups")
    (folder / "one").mkdir(parents=True)
    for hours, level in ((1, OK), (27, WARNING), (80, FAULT)):
        assert line(seen(site, engine, hours=hours), "backup", "site").level == level


def test_what_cannot_be_seen_is_a_fault_and_hides_nothing(site: Site, engine: Engine) -> None:
    (site.feeds / "bad.yml").write_text("feed: [", encoding="utf-8")
    with write(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE job RENAME TO job_gone")
    status = seen(site, engine)
    assert {one.name for one in status.of("unseen")} == {"feeds", "jobs"}
    assert status.level == FAULT and status.of("disk") and status.of("webhooks")
    with write(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE job_gone RENAME TO job")
    assert job.name == "job" and {one.name for one in seen(site, engine).of("unseen")} == {"feeds"}


def test_the_command_tells_the_same(site: Site, engine: Engine, tmp_path: Path) -> None:
    declare(site, "never")
    call = ["--site", str(site.path), "status"]
    told = CliRunner().invoke(hub, [*call, "--json"])
    assert told.exit_code == 0
    data = json.loads(told.stdout)
    assert data["level"] == WARNING and data["counts"]["warning"] == 1
    (never,) = [one for one in data["lines"] if one["code"] == "watch_feed_never"]
    assert "从未交付" in never["message"] and never["part"] == "feed"
    ledgers(engine)
    disclosures(engine, 1, "pending", -2)
    shown = CliRunner().invoke(hub, call)
    assert shown.exit_code == 1 and "逾期未公示" in shown.stdout and "磁盘" not in shown.stdout
    assert "磁盘" in CliRunner().invoke(hub, [*call, "--all"]).stdout


def test_certificates_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(certificates.SETTING, " a.example, https://b.example:8443/x ,")
    assert certificates.addresses() == ["a.example:443", "b.example:8443"]
    assert certificates.ask("127.0.0.1:1") == (None, "source_unreachable")


def test_a_server_shows_until_when_its_certificate_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = make_certificate(tmp_path, "IP:127.0.0.1")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*files)
    with http_server(tls=tls) as web:
        place = web.url.removeprefix("https://")
        assert certificates.ask(place) == (None, "SSLCertVerificationError")
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        ends, failure = certificates.ask(place)
    assert failure is None and ends is not None
    assert (
        timedelta(days=1) < datetime.fromisoformat(ends) - datetime.now(UTC) <= timedelta(days=2)
    )
