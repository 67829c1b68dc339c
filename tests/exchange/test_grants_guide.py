"""`docs/consumers-and-grants.md`: its commands run, its program is let in, what it names exists; and
the commands of consumers and grants beyond it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from exchange_schemas.issue_kinds import KINDS
from hub.cli.main import hub
from hub.database import connect, create_tables, write
from hub.request_signature import profile
from hub.site import Site, create_site
from hub.tables import exchange_log
from hub.web.exchange_rates import USUAL
from hub.web.server import create_application
from publisher.signers import Sm2Signer
from tests.exchange.access_hub import ask
from tests.hub.exchange_hub import entries_path, listening
from tests.hub.ledger_data import MARKET, a_company, made, put

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "consumers-and-grants.md").read_text(encoding="utf-8")
ADD = ("consumer", "add", "省平台", "--audience", "government")
LOG = ("consumer", "log", "省平台")


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = create_site(tmp_path / "site")
    put(made(site.database_url), MARKET, [a_company(n) for n in range(3)])
    return site


def call(site: Site, *words: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(site.path), *words])


def told(site: Site, *words: str) -> object:
    done = call(site, *words, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def commands() -> list[list[str]]:
    """Every `hub …` of the page's shell examples, in their order."""
    lines = "".join(examples("bash")).replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines]


def test_its_commands_run_and_its_program_is_let_in(site: Site) -> None:
    """One after the other, in the order of the page."""
    assert len(commands()) == 14
    for name, *words in commands():
        done = call(site, *words)
        assert (name, done.exit_code) == ("hub", 0), (words, done.stderr)
    (mine,) = told(site, "grant", "list", "--department", "government_services_data")
    assert mine["standing"] == "living"
    assert set(mine["fields"]) == {"ticket_no", "due_on", "facts_masked"}
    key = told(site, "consumer", "key", "add", "省平台", "--kind", "hmac")
    call(site, "consumer", "set", "省平台", "--anywhere")
    with listening(create_application(site)) as url:
        more = {"HUB": url, "HUB_KEY_ID": key["keyid"], "HUB_KEY_SECRET": key["secret"]}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
        (program,) = examples("python")
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.stdout == "200 ['complaint_report', 'market_entity']\n", done.stderr


def test_what_it_says_is_so() -> None:
    codes = re.findall(r"^\| \d{3} \| (.*?) \|", GUIDE, re.MULTILINE)
    named = {code for cell in codes for code in re.findall(r"`(\w+)`", cell)}
    assert named <= set(KINDS) and len(named) == 16
    for name in (*profile.COVERED, *profile.WITH_BODY, *profile.ALGORITHMS.values()):
        assert f"`{name}`" in GUIDE
    assert f"{profile.MAX_AGE} seconds, and {profile.SKEW} for" in GUIDE
    assert f"{profile.NONCE_LEAST} to {profile.NONCE_MOST} of" in GUIDE
    assert f"`HUB_EXCHANGE_RATE`, {USUAL} if" in GUIDE


def test_what_is_shared_on_conditions_waits(site: Site) -> None:
    asked = (*ADD, "--dataset", MARKET, "--dataset", "complaint_report")
    refused = call(site, *asked)
    assert refused.exit_code == 1 and "[grant_text_missing]" in refused.stderr
    assert told(site, "consumer", "list") == []  # nothing of it was kept
    done = told(site, *asked, "--purpose", "效能监察", "--legal-basis", "监察法")
    assert done["datasets"] == [MARKET] and done["applications"] == [1]
    (waiting,) = told(site, "grant", "list", "--standing", "applied")
    assert (waiting["id"], waiting["owner"]) == (1, "government_services_data")
    refused = call(site, "grant", "decide", "1", "--grant", "--as", "li")
    assert refused.exit_code == 1 and "[role_missing]" in refused.stderr
    assert call(site, "grant", "decide", "1", "--grant").exit_code == 1  # by nobody
    assert "[grant_unknown]" in call(site, "grant", "show", "9").stderr


def test_an_sm2_key_from_a_file(site: Site, tmp_path: Path) -> None:
    place = tmp_path / "key.jwk"
    place.write_text("nonsense")
    told(site, *ADD, "--signed-only")
    add = ("consumer", "key", "add", "省平台", "--kind", "sm2", "--public-key", str(place))
    assert "[public_key_wrong]" in call(site, *add).stderr
    place.write_text(Sm2Signer.new().public_key.hex())
    assert "[public_key_wrong]" in call(site, *add).stderr  # hex isn't base64 of a key
    assert told(site, "consumer", "key", "list", "省平台") == []


def test_settings_are_told_and_taken_away_again(site: Site) -> None:
    told(site, *ADD)
    fingerprint = "AB:" * 31 + "AB"
    words = (
        "--network",
        "10.0.0.0/8",
        "--certificate",
        fingerprint,
        "--rate",
        "7",
        "--contact",
        "x",
    )
    now = told(site, "consumer", "set", "省平台", *words, "--signed-only")
    assert now["networks"] == ["10.0.0.0/8"] and now["certificates"] == ["ab" * 32]
    assert (now["rate"], now["contact"], now["signed_only"]) == (7, "x", True)
    now = told(
        site,
        "consumer",
        "set",
        "省平台",
        "--anywhere",
        "--no-certificate",
        "--bearer-too",
        "--rate",
        "0",
    )
    assert (now["networks"], now["certificates"], now["rate"], now["signed_only"]) == (
        [],
        [],
        None,
        False,
    )
    assert now["contact"] == "x"
    for wrong in (("--credit-code", "x"), ("--certificate", "zz"), ("--rate", "-1")):
        assert call(site, "consumer", "set", "省平台", *wrong).exit_code == 1
    steps = told(site, "consumer", "log", "省平台", "--steps")
    assert [one["act"] for one in steps] == ["register", "key_add", "set", "set"]
    assert steps[2]["details"]["contact"] == "…"  # whom to ask is personal data


def test_a_log_is_for_people_too(site: Site) -> None:
    key = told(site, *ADD, "--dataset", MARKET)["key"]
    answer = ask(create_application(site), key, entries_path(MARKET))
    assert answer.status_code == 200
    create_tables(connect(site.database_url))
    shown = call(site, "grant", "log", "--department", "market_regulation").stdout
    assert "省平台" in shown and "分页" in shown and "1…3" in shown
    assert call(site, "--lang", "en", "consumer", "log", "省平台").stdout.count(MARKET) == 1
    assert "登记" in call(site, "consumer", "log", "省平台", "--steps").stdout


def test_days_of_the_log_begin_where_the_departments_are(site: Site) -> None:
    key = told(site, *ADD, "--dataset", MARKET)["key"]
    ask(create_application(site), key, entries_path(MARKET))
    for at, days in (
        ("2026-10-31T15:59:59.999Z", ["2026-10-31"]),
        ("2026-10-31T16:00:00.000Z", ["2026-10-31", "2026-11-01"]),
    ):
        with write(connect(site.database_url)) as connection:
            connection.execute(update(exchange_log).values(at=at))
        every = ("2026-10-31", "2026-11-01", "2026-11-02")
        assert [day for day in every if told(site, *LOG, "--since", day)] == days
    assert call(site, *LOG, "--since", "yesterday").exit_code == 2
