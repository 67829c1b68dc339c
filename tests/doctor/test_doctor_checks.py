"""The doctor finds what is wrong, says what to do, and is silent about nothing."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from exchange_schemas.issue import Issue
from exchange_schemas.issue_kinds import KINDS
from hub.database import connect, create_tables
from hub.doctor import program
from hub.doctor.certificates import SEEN
from hub.doctor.checks import CHECKS, Entry
from hub.doctor.disk import measured
from hub.doctor.examination import Finding, examine
from hub.doctor.patient import Patient
from hub.feeds import copy_samples
from hub.monitoring.line import FAULT, OK, WARNING
from hub.monitoring.thresholds import GIB, of_room
from hub.settings.effective import read_settings
from hub.site import Site, create_site
from hub.tables import job
from publisher.signing_keys import site_signer
from tests.doctor.serving_site import at_once
from tests.services.ftps_server import make_certificate
from tests.services.http_server import http_server
from tests.services.server import free_port

IP = "IP:127.0.0.1"
HUSH = "hunter2-hunter2"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = create_site(tmp_path / "site")
    made.path.chmod(0o750)
    engine = connect(made.database_url)
    create_tables(engine)
    engine.dispose()
    copy_samples(made.feeds)
    site_signer(made.keys, made.releases, {})
    return made


def findings(
    site: Site,
    environment: dict[str, str] | None = None,
    now: datetime | None = None,
    online: bool = False,
) -> list[Finding]:
    told = {"HUB_SERVE_PORT": str(free_port()), **(environment or {})}
    patient = Patient(site, read_settings(site.path, told), told, now or datetime.now(UTC), online)
    found = list(examine(patient))
    patient.engine.dispose()
    return found


def codes(found: list[Finding], state: str) -> set[str]:
    return {one.issue.code for one in found if one.state == state}


def test_a_new_site_has_no_fault_and_every_check_says_something(site: Site) -> None:
    found = findings(site)
    assert codes(found, "fault") == set()
    assert {one.check.name for one in found} == {entry.name for entry in CHECKS}
    for one in found:
        for locale in ("zh_CN", "en"):
            assert "{" not in one.issue.message(locale)


def rows(site: Site, **values: object) -> None:
    engine = connect(site.database_url)
    row = {"kind": "publish", "arguments": "{}", "created_at": "2026-01-05T00:00:00.000Z"} | values
    with engine.begin() as connection:
        connection.execute(insert(job).values(row))
    engine.dispose()


def put(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")


def newer(site: Site) -> None:
    engine = connect(site.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'of tomorrow'")
    engine.dispose()


def damage(site: Site) -> None:
    file = site.path / "hub.sqlite"
    file.write_bytes(b"no database" * 1000)


DAMAGES: dict[str, tuple[Callable[[Site], object], str, str]] = {
    "half a copy": (lambda s: shutil.rmtree(s.raw), "fault", "doctor_site_incomplete"),
    "no database": (lambda s: (s.path / "hub.sqlite").unlink(), "fault", "doctor_database_missing"),
    "a broken database": (damage, "fault", "database_broken"),
    "a newer version's": (newer, "fault", "schema_newer"),
    "no site at all": (lambda s: shutil.rmtree(s.feeds), "fault", "site_missing"),
    "an open key": (lambda s: s.keys.chmod(0o755), "fault", "doctor_secret_open"),
    "an open site": (lambda s: s.path.chmod(0o777), "warning", "doctor_writable_by_others"),
    "no key": (lambda s: shutil.rmtree(s.keys), "fault", "doctor_key_missing"),
    "another key": (lambda s: (s.releases / "keys.json").unlink(), "fault", "doctor_key_unknown"),
    "wrong settings": (lambda s: s.settings.write_text("[a]\nb = 1"), "fault", "setting_unknown"),
    "a wrong feed": (lambda s: (s.feeds / "bad.yml").write_text("feed: x"), "fault", "doctor_declaration"),
    "a wrong target": (
        lambda s: put(s.targets / "bad.yml", "x: 1"),
        "fault", "doctor_declaration",
    ),
    "a wrong law": (
        lambda s: put(s.law / "clocks.yml", "- nonsense"), "fault", "law_invalid",
    ),
    "a stuck job": (
        lambda s: rows(s, state="running", lease_until="2026-01-05T00:00:01.000Z"),
        "warning", "doctor_jobs_stuck",
    ),
    "a waiting job": (lambda s: rows(s, state="queued"), "warning", "doctor_jobs_waiting"),
    "a failed job": (
        lambda s: rows(s, state="failed", ended_at=datetime.now(UTC).isoformat()),
        "warning", "doctor_jobs_failed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_what_is_planted_is_found(site: Site, name: str) -> None:
    plant, state, code = DAMAGES[name]
    assert code not in codes(findings(site), state)
    plant(site)
    found = findings(site)
    assert code in codes(found, state)
    assert "doctor_check_failed" not in codes(found, "fault"), found


def test_settings_are_looked_at_without_their_secrets(site: Site) -> None:
    found = findings(site, {"HUB_SMTP_URL": f"smpt://a:{HUSH}@b", "HUB_DATABSE_URL": HUSH})
    assert {"setting_wrong"} <= codes(found, "fault")
    assert {"setting_name_unknown"} <= codes(found, "warning")
    assert not [one for one in found if HUSH in repr(one.issue)]


def test_times_to_come_are_seen(site: Site) -> None:
    later = datetime.now(UTC) + timedelta(days=800)
    found = findings(site, now=later)
    assert {"doctor_key_old", "calendar_ending"} <= codes(found, "warning")


def test_a_taken_port_is_told(site: Site) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = {"HUB_SERVE_PORT": str(taken.getsockname()[1])}
        assert "doctor_port_taken" in codes(findings(site, port), "warning")


def test_an_unreachable_broker_and_mail_server_are_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_BROKER_URL", f"redis://:{HUSH}@127.0.0.1:1/0")
    monkeypatch.setenv("HUB_SMTP_URL", f"smtp://a:{HUSH}@127.0.0.1:1")
    found = findings(site)
    assert {"doctor_broker_away", "doctor_mail_away"} <= codes(found, "warning")
    assert not [one for one in found if HUSH in one.issue.message("en")]


def test_certificates_that_declarations_name_are_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, days in (("long", 400), ("short", 10)):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-subj", "/CN=ftp", "-days", str(days), "-keyout", os.devnull,
             "-out", str(site.feeds / f"{name}.pem")],
            check=True, capture_output=True,
        )  # fmt: skip
    declared = (site.feeds / "sample_registration.yml").read_text(encoding="utf-8")
    own = (
        "source: {kind: ftp, host: ftp.example.cn, path: /a.csv, user: a, password: '${OWN}', tls: true, "
        "certificate: %s.pem}"
    )
    source = next(line for line in declared.splitlines() if line.startswith("source:"))
    monkeypatch.setenv("OWN", HUSH)
    for name in ("long", "short", "none"):
        text = declared.replace(source, own % name, 1).replace(
            "sample_registration", f"of_{name}", 1
        )
        (site.feeds / f"of_{name}.yml").write_text(text, encoding="utf-8")
    found = [one for one in findings(site) if one.check.name == "certificates"]
    told = {str(one.issue.value).rpartition("/")[2]: one.issue.code for one in found}
    assert told == {
        "long.pem": "doctor_certificate",
        "short.pem": "doctor_certificate_ending",
        "none.pem": "doctor_certificate_unreadable",
    }
    assert not (site.path / SEEN).exists()


def test_servers_show_their_certificates_and_a_changed_one_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = (site.feeds / "sample_registration.yml").read_text(encoding="utf-8")
    source = next(line for line in declared.splitlines() if line.startswith("source:"))
    first, second, unknown = (make_certificate(site.path / name, IP) for name in "abc")
    monkeypatch.setenv("SSL_CERT_FILE", bundle(site.path / "trusted.pem", first, second))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*first)
    with http_server(tls=tls) as web:
        own = f"source: {{kind: http, url: '{web.url}/a.csv'}}"
        text = declared.replace(source, own, 1).replace("sample_registration", "of_tls", 1)
        (site.feeds / "of_tls.yml").write_text(text, encoding="utf-8")
        inside = {"HUB_INTERNAL_FEEDS": "of_tls"}
        told = [codes(findings(site, {}, online=True), "warning")]
        for shown in (first, second, second, unknown):
            tls.load_cert_chain(*shown)
            told.append(codes(findings(site, inside, online=True), "warning"))
    unsafe, changed = "doctor_server_unsafe", "doctor_certificate_changed"
    found = [{unsafe, changed, "doctor_certificate_ending"} & one for one in told]
    ending = {"doctor_certificate_ending"}  # they are made for two days
    assert found == [{unsafe}, ending, ending | {changed}, ending, {unsafe}]


def bundle(path: Path, *made: tuple[Path, Path]) -> str:
    """A file of certificates that are trusted."""
    path.write_bytes(b"".join(certificate.read_bytes() for certificate, _ in made))
    return str(path)


def test_room_is_judged_by_bytes_share_and_growth(tmp_path: Path) -> None:
    assert of_room(100 * GIB, 1000 * GIB) == OK
    assert of_room(100 * GIB, 1000 * GIB, 20) == WARNING
    assert of_room(GIB, 10 * GIB) == WARNING
    assert of_room(100 << 20, 10 * GIB) == FAULT
    (tmp_path / "old").write_bytes(b"x" * 10)
    os.utime(tmp_path / "old", (0, 0))
    (tmp_path / "new").write_bytes(b"x" * 5)
    assert measured(tmp_path, 1000.0) == (15, 5)


def test_libraries_that_are_missing_or_other_are_told(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = tmp_path / "constraints.txt"
    pinned.write_text("# a comment\nclick==0.1\n")
    monkeypatch.setattr(program, "CONSTRAINTS", pinned)
    assert "doctor_libraries_other" in codes(findings(site), "warning")
    monkeypatch.setattr(program, "_needed", lambda: ["no-such-library"])
    assert "doctor_libraries_missing" in codes(findings(site), "fault")


def broken(_patient: Patient) -> list[Issue]:
    raise RuntimeError(HUSH)


def test_a_check_that_breaks_is_a_fault_and_stops_no_other(site: Site) -> None:
    patient = Patient(site, read_settings(site.path, {}), {}, datetime.now(UTC))
    bad = Entry("bad", "Python", f"{__name__}:broken")
    found = list(examine(patient, [bad, CHECKS[0]]))
    assert [one.issue.code for one in found] == ["doctor_check_failed", "doctor_python"]
    assert HUSH not in found[0].issue.message("en")


def test_every_check_can_be_loaded_and_every_kind_is_used() -> None:
    assert all(callable(entry.load()) for entry in CHECKS)
    assert len({entry.name for entry in CHECKS}) == len(CHECKS)
    assert {k.severity for c, k in KINDS.items() if c.startswith("doctor_")} == {
        "error",
        "warning",
        "info",
    }


def test_the_command_gives_lines_json_and_an_exit_code(site: Site) -> None:
    well = at_once(site.path, "doctor", "--json")
    assert well.returncode == 0
    told = json.loads(well.stdout)
    assert told["fault"] == 0
    assert told["ok"] == sum(one["state"] == "ok" for one in told["findings"])
    engine = connect(site.database_url)
    with engine.begin() as connection:
        connection.execute(update(job).values(state="queued"))
    engine.dispose()
    shutil.rmtree(site.keys)
    ill = at_once(site.path, "doctor")
    assert ill.returncode == 1
    assert "✗ Signing key:" in ill.stdout
    assert "没有签名密钥" in ill.stdout
