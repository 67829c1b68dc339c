"""Secrets in every setting, hostile names in records: errors are provoked everywhere, and no line has any of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from hub.settings.catalogue import SETTINGS
from hub.settings.setting import Secrecy
from hub.site import Site, create_site
from tests.hub.ledger_data import made
from tests.monitoring.watched_site import a_job, ago
from tests.services.server import free_port

COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]
PERSON = "李四金丝雀"
HOSTILE = f'{PERSON}\r\n{{"event":"forged"}}\x1b[31m'
SHUT = f"127.0.0.1:{free_port()}"

# An unreachable source with secrets in address and header; one whose rows are hostile; one that isn't there.
FEEDS = {
    "away": f"""\
feed: away
title: {{zh: 远, en: Away}}
standard: market_entity
source: {{kind: http, url: 'http://user:${{TOWN_PHRASE}}@{SHUT}/x?token=${{TOWN_TOKEN}}'}}
format: {{kind: csv, encoding: utf-8}}
mode: snapshot
fields: {{subject_name: 名称, uscc: 代码, established_on: 日期}}
""",
    "rows": """\
feed: rows
title: {zh: 行, en: Rows}
standard: market_entity
source: {kind: file, path: rows.csv}
format: {kind: csv, encoding: utf-8}
mode: snapshot
fields: {subject_name: 名称, uscc: 代码, established_on: 日期}
""",
    "gone": """\
feed: gone
title: {zh: 无, en: Gone}
standard: market_entity
source: {kind: file, path: gone.csv}
format: {kind: csv, encoding: utf-8}
mode: snapshot
fields: {subject_name: 名称, uscc: 代码, established_on: 日期}
""",
}


def planted() -> dict[str, str]:
    """A canary in each secret setting, and in what feeds refer to."""
    own = {"TOWN_PHRASE": "canary-phrase", "TOWN_TOKEN": "canary-of-the-town"}
    for one in SETTINGS:
        if one.secrecy is Secrecy.NONE or one.name in (
            "HUB_DATABASE_URL",
            "HUB_PORTAL_DATABASE_URL",
        ):
            continue
        own[one.name] = f"canary-{one.name.lower().replace('_', '-')}"
    robot = f"http://{SHUT}/send?key=canary-robot"
    return own | {
        "HUB_ALERTS_WECOM": robot,
        "HUB_ALERTS_DINGTALK": robot,
        "HUB_ALERTS_WEBHOOK": f"http://{SHUT}/canary-hook",
        "HUB_ALERTS_MAIL_TO": "op@example.cn",
        "HUB_SMTP_URL": f"smtp://mail:canary-mail-pw@{SHUT}",
        "HUB_BROKER_URL": f"redis://:canary-broker-pw@{SHUT}/0",
        "HUB_LOG_FORMAT": "json",
        "HUB_LOG_LEVEL": "debug",
        "HUB_INTERNAL_FEEDS": "away",
    }


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = create_site(tmp_path / "site")
    engine = made(site.database_url)
    a_job(engine, "publish", "failed", ended_at=ago())  # so that there is something to tell
    engine.dispose()
    for name, text in FEEDS.items():
        (site.feeds / f"{name}.yml").write_text(text, encoding="utf-8")
    bad = "".join(f'"{HOSTILE}{n}","{PERSON}","{PERSON}"\n' for n in range(5))
    (site.feeds / "rows.csv").write_text(f"名称,代码,日期\n{bad}", encoding="utf-8", newline="")
    return site


@pytest.mark.parametrize("feeds", [("gone",), pytest.param(tuple(FEEDS), marks=pytest.mark.slow)])
def test_no_line_has_a_secret_a_name_or_a_forged_line(site: Site, feeds: tuple[str, ...]) -> None:
    environment = {**os.environ, **planted()}
    for name in ("HUB_SIGNING_KEY", "HUB_CONFIG"):
        environment.pop(name, None)
    call = [*COMMAND, "--site", str(site.path)]
    lines = []
    queued = ["feed", "run", "--queue", *feeds]
    for words in (queued, ["worker", "--once"], ["alert", "check"]):
        done = subprocess.run([*call, *words], env=environment, capture_output=True, text=True,
                              timeout=120, check=False)  # fmt: skip
        lines += done.stderr.splitlines()
    lines += _served(site, call, environment | {"HUB_TRACES": f"http://{SHUT}"})
    text = "\n".join(lines)
    found = [json.loads(line) for line in lines if line.startswith("{")]
    events = {re.sub(r"\d+", "", str(line["event"])) for line in found}
    assert {"job : file_missing", "run failed: file_missing"} <= events  # they did go wrong
    assert "away" not in feeds or "run failed: source_unreachable" in events
    assert any("alert not delivered" in one for one in events)
    assert any("not ready: broker" in one for one in events)
    assert "canary" not in text and PERSON not in text and "金丝雀" not in text
    assert "forged" not in {line["event"] for line in found} and "\x1b" not in text


def _served(site: Site, call: list[str], environment: dict[str, str]) -> list[str]:
    with subprocess.Popen(
        [*call, "--lang", "en", "serve", "--port", "0", "--no-worker"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("Portal: ").strip().rstrip("/")
        (site.releases / "market_entity").mkdir(exist_ok=True)
        (site.releases / "market_entity" / "current.json").write_text("{", encoding="utf-8")
        token = {"Authorization": "Bearer canary-of-nobody"}
        try:
            for path in ("/", "/ready", f"/search?q={PERSON}", "/metrics", "/datasets/market_entity",
                         "/exchange/v1/datasets/market_entity/entries"):  # fmt: skip
                httpx.get(f"{url}{path}", headers=token, timeout=30)
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=60)
    return errors.splitlines()
