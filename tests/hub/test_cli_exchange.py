"""The commands of the exchange: consumer, consume, verify, worker."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from hub.cli.main import hub
from hub.database import connect, write
from hub.site import Site, create_site
from hub.tables import head
from tests.hub.exchange_hub import application, listening
from tests.hub.ledger_data import MARKET, PENALTY, a_company, made, put


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = create_site(tmp_path / "site")
    put(made(site.database_url), MARKET, [a_company(n) for n in range(9)])
    return site


def call(site: Site, *words: str, **environment: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(site.path), *words], env=environment)


def test_a_consumer_is_added_pulls_and_is_revoked(site: Site, tmp_path: Path) -> None:
    add = ("consumer", "add", "省平台", "--audience", "government", "--dataset", MARKET)
    added = json.loads(call(site, *add, "--json").stdout)
    assert added["datasets"] == [MARKET]
    listed = call(site, "consumer", "list", "--json")
    assert [one["name"] for one in json.loads(listed.stdout)] == ["省平台"]
    assert added["key"].partition(".")[2] not in listed.stdout
    assert "salt" not in listed.stdout
    table = call(site, "--lang", "en", "consumer", "list").stdout
    assert "省平台" in table

    with listening(application(connect(site.database_url))) as url:
        pull = ("consume", url, "--dataset", MARKET, "--to", str(tmp_path / "to"))
        assert (
            json.loads(call(site, *pull, "--json", HUB_CONSUMER_KEY=added["key"]).stdout)[
                "entries"
            ]
            == 9
        )
        again = call(site, *pull, "--current", "--key", added["key"])
        assert "9" in again.stdout
        assert (tmp_path / "to" / MARKET / "current.jsonl").read_text().count("\n") == 9
        assert call(site, "consumer", "revoke", "省平台").exit_code == 0
        refused = call(site, *pull, "--key", added["key"])
    assert refused.exit_code == 1
    assert "密钥" in refused.stderr
    assert "Bearer" in refused.stderr


@pytest.mark.parametrize(
    ("audience", "dataset", "code"),
    [
        ("public", MARKET, "audience_public"),
        ("everyone", MARKET, "audience_unknown"),
        ("government", "nothing", "dataset_unknown"),
    ],
)
def test_what_cannot_be_granted_is_said(
    site: Site, audience: str, dataset: str, code: str
) -> None:
    add = ("consumer", "add", "x", "--audience", audience, "--dataset", dataset)
    refused = call(site, *add)
    assert refused.exit_code == 1
    assert f"[{code}]" in refused.stderr
    assert json.loads(call(site, "consumer", "list", "--json").stdout) == []


def test_a_consumer_without_key_is_told(site: Site, tmp_path: Path) -> None:
    refused = call(
        site, "consume", "http://127.0.0.1:9", "--dataset", PENALTY, "--to", str(tmp_path)
    )
    assert refused.exit_code == 1
    assert "HUB_CONSUMER_KEY" in refused.stderr


def test_verify_tells_what_is_wrong_by_its_exit_code(site: Site) -> None:
    right = call(site, "verify", "--json")
    assert right.exit_code == 0
    assert json.loads(right.stdout) == {
        "right": True,
        "revisions": {MARKET: 9},
        "entries": {},
        "artefacts": 0,
        "releases": 0,
        "issues": [],
    }
    assert "as it was written" in call(site, "--lang", "en", "verify").stdout
    with write(connect(site.database_url)) as connection:
        connection.execute(update(head).where(head.c.seq == 3).values(digest=b"x" * 32))
    wrong = call(site, "verify")
    assert wrong.exit_code == 1
    assert a_company(2)["uscc"] in wrong.stderr
    wrong = json.loads(call(site, "verify", "--json").stdout)
    assert [issue["code"] for issue in wrong["issues"]] == ["head_wrong"]


@pytest.mark.parametrize("words", ["consumer add", "consumer list", "consumer revoke", "consume",
                                   "serve", "verify", "worker"])  # fmt: skip
def test_every_command_has_an_example_in_both_languages(site: Site, words: str) -> None:
    assert "示例" in call(site, *words.split(), "--help").stdout
