"""The commands of the main job, on a real site with the shipped samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from exchange_schemas.language import LOCALES
from hub.cli.main import COMMANDS, hub

Hub = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Runs `hub` on a fresh site."""
    monkeypatch.delenv("HUB_DATABASE_URL", raising=False)

    def command(*arguments: str, code: int = 0) -> Result:
        words = ["--site", str(tmp_path / "site"), *arguments]
        done = CliRunner().invoke(hub, words, catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done

    command("init")
    return command


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def test_init_refuses_a_site_that_is_there(run: Hub) -> None:
    error = run("init", code=1)
    assert "[site_exists]" in error.stderr


def test_a_command_without_a_site_says_how_to_make_one_in_both_languages(tmp_path: Path) -> None:
    words = ["--site", str(tmp_path / "none"), "feed", "run", "x"]
    done = CliRunner().invoke(hub, words)
    assert (done.exit_code, done.stdout) == (1, "")
    chinese, english = done.stderr.splitlines()
    assert chinese.startswith("[site_missing] ")
    assert any("一" <= sign <= "鿿" for sign in chinese)
    assert english.startswith("    ") and "hub --site" in english
    document = json.loads(CliRunner().invoke(hub, [*words, "--json"]).stdout)
    assert document["error"]["code"] == "site_missing"
    assert document["error"]["message"] in chinese
    assert document["error"]["message_en"] == english.strip()


def test_feed_run_as_json_and_as_a_table(run: Hub) -> None:
    first = told(run("feed", "run", "sample_registration", "--json"))
    names = {"run", "read", "accepted", "rejected", "added", "changed", "unchanged", "gone"}
    assert names | {"held", "seconds"} <= first.keys()
    assert first["read"] == first["accepted"] + first["rejected"]
    assert first["held"] is False
    again = run("feed", "run", "sample_registration", "sample_food").stdout
    assert "未变" in again
    assert "unqualified_product" in again
    assert "Unchanged" in run("--lang", "en", "feed", "run", "sample_food").stdout


def test_feed_run_tells_of_a_feed_that_does_not_exist(run: Hub) -> None:
    error = run("feed", "run", "nothing", code=1)
    assert "[feed_unknown]" in error.stderr
    assert told(run("feed", "run", "nothing", "--json", code=1))["error"]["code"] == "feed_unknown"


def test_a_held_run_is_an_error_until_it_is_accepted(run: Hub, tmp_path: Path) -> None:
    run("feed", "run", "sample_abnormal")
    data = tmp_path / "site" / "feeds" / "abnormal.csv"
    lines = data.read_bytes().splitlines(keepends=True)
    data.write_bytes(b"".join(lines[:10]))
    held = run("feed", "run", "sample_abnormal", code=1)
    assert "[feed_shrank]" in held.stderr
    assert "--accept" in held.stderr
    accepted = told(run("feed", "run", "sample_abnormal", "--accept", "--json"))
    assert accepted["gone"] > 40


def test_quarantine_list_and_export(run: Hub, tmp_path: Path) -> None:
    run("feed", "run", "sample_registration")
    run("feed", "run", "sample_registration")  # known by its digest: its bad rows still stand
    rows = told(run("quarantine", "list", "--feed", "sample_registration", "--json"))
    assert len(rows) == 5
    codes = {issue["code"] for row in rows for issue in row["issues"]}
    assert {"check_digit", "date_unreadable", "row_length", "amount_unreadable"} <= codes
    assert "校验位" in run("quarantine", "list").stdout
    path = tmp_path / "rows.xlsx"
    run("quarantine", "export", "sample_registration", "--to", str(path))
    sheet = load_workbook(path).active
    assert sheet.max_row == 1 + len(rows)
    head, *lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    for line, row in zip(lines, rows, strict=True):
        assert line[1] == f"{row['file']}:{row['line']}"
        assert all(issue["message"] in line[2] for issue in row["issues"])
        assert all(issue["message_en"] in line[3] for issue in row["issues"])
        told_of = zip(head[4:], line[4:], strict=True)
        cells = {name: cell for name, cell in told_of if cell and not name.startswith("⚠")}
        assert cells == {name: cell for name, cell in row["cells"].items() if cell}


def test_review_and_publish(run: Hub) -> None:
    run("feed", "run", "sample_penalties")
    listed = told(run("review", "list", "administrative_penalty", "--json"))
    record = listed["pending"][0]["record_id"]
    shown = told(run("review", "show", "administrative_penalty", record, "--json"))
    assert shown["view_digest"] == listed["pending"][0]["view_digest"]
    assert "公开视图摘要" in run("review", "show", "administrative_penalty", record).stdout
    assert (
        "[actor_missing]"
        in run("review", "approve", "administrative_penalty", record, code=1).stderr
    )
    penalty = ("administrative_penalty", record, "--as")
    examined = ("--secrecy", "--privacy")
    unknown = run("review", "check", *penalty, "wang", *examined, code=1)
    assert "[role_missing]" in unknown.stderr
    roles = ("--role", "reviewer", "--role", "approver")
    for person in ("wang", "li"):
        run("people", "add", person, "--department", "market_regulation", *roles)
    assert {g["person"] for g in told(run("people", "list", "--json"))} == {"wang", "li"}
    assert "[not_examined]" in run("review", "check", *penalty, "wang", code=1).stderr
    checked = run("review", "check", *penalty, "wang", *examined, "--json")
    assert told(checked) == {"records": 1}
    assert "[same_person]" in run("review", "approve", *penalty, "wang", code=1).stderr
    assert told(run("review", "approve", *penalty, "li", "--json")) == {"records": 1}
    other = listed["pending"][1]["record_id"]
    rejected = ("review", "reject", "administrative_penalty", other, "--as", "li")
    assert "[reason_unknown]" in run(*rejected, "--reason", "x", code=1).stderr
    assert told(run(*rejected, "--reason", "privacy", "--json")) == {"records": 1}
    made = told(run("publish", "--json"))
    assert made["administrative_penalty"]["records"] == 1
    assert "administrative_penalty" in run("publish", "administrative_penalty").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("publish", "nothing"),
        ("review", "list", "nothing"),
        ("review", "show", "nothing", "0" * 16),
        ("review", "approve", "nothing", "--all", "--as", "wang"),
    ],
)
def test_an_unknown_dataset(run: Hub, words: tuple[str, ...]) -> None:
    assert "[dataset_unknown]" in run(*words, code=1).stderr
    assert told(run(*words, "--json", code=1))["error"]["code"] == "dataset_unknown"


def test_a_digest_belongs_to_one_record(run: Hub) -> None:
    words = ("review", "approve", "market_entity", "--all", "--digest", "0" * 64, "--as", "wang")
    assert "one record" in run(*words, code=2).stderr


def test_a_record_is_shown_in_the_language_asked_for(run: Hub) -> None:
    run("feed", "run", "sample_registration")
    listed = told(run("review", "list", "market_entity", "--json"))
    words = ("review", "show", "market_entity", listed["pending"][0]["record_id"])
    chinese, english = run(*words).stdout, run("--lang", "en", *words).stdout
    assert "企业名称" in chinese and "政府内部" in chinese
    assert "Entity name" in english and "企业名称" not in english


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_help_has_an_example(run: Hub, lang: str) -> None:
    text = run("--lang", lang, "feed", "run", "--help").stdout
    assert ("示例" if lang == "zh_CN" else "Example") in text
    assert "hub feed run sample_registration" in text


@pytest.mark.parametrize("lang", LOCALES)
def test_the_list_of_commands_says_what_each_says_of_itself(run: Hub, lang: str) -> None:
    lines = " ".join(run("--lang", lang, "--help").stdout.split())
    context = click.Context(hub)
    context.params = {"lang": lang}
    for name in COMMANDS:
        command = hub.get_command(context, name)
        assert command is not None
        begins = command.get_short_help_str(40).removesuffix("...").strip()
        assert f"{name} {begins}" in lines
