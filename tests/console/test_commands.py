"""Acts by commands are in the audit log, with nothing of a record or a secret; accounts and the log by command."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from hub.audit.log import Wanted, entries
from hub.cli.main import COMMANDS, hub
from tests.filings.conftest import PERSONAL, Office, a_penalty, office
from tests.hub.ledger_data import PENALTY

__all__ = ["office"]
OPERATOR = f"os:{getpass.getuser()}"


def run(office: Office, *words: str) -> Result:
    return CliRunner().invoke(hub, ["--site", str(office.site.path), *words])


def noted(office: Office) -> list[dict[str, Any]]:
    with office.engine.connect() as connection:
        return entries(connection, Wanted())


def test_first_administrators_are_named_once(office: Office) -> None:
    names = ("--system", "zhang", "--security", "lin", "--audit", "he")
    same = run(office, "account", "begin", "--system", "a1", "--security", "a1", "--audit", "he")
    assert same.exit_code == 1 and "offices_same" in same.output
    made = run(office, "account", "begin", *names, "--json")
    told = json.loads(made.stdout)["invitations"]
    assert set(told) == {"zhang", "lin", "he"} and all(
        one.startswith("/console/") for one in told.values()
    )
    again = run(office, "account", "begin", *names)
    assert again.exit_code == 1 and "accounts_begun" in again.output
    listed = json.loads(run(office, "account", "list", "--json").stdout)
    assert {one["person"]: one["office"] for one in listed} == {
        "zhang": "system",
        "lin": "security",
        "he": "audit",
    }
    other = json.loads(run(office, "account", "invite", "zhang", "--json").stdout)["invitations"]
    assert other["zhang"] != told["zhang"]
    assert run(office, "account", "invite", "nobody").exit_code == 1
    log = str(noted(office))
    assert [one["act"] for one in noted(office)] == [
        "command account invite",
        "command account begin",
    ]
    for address in (*told.values(), *other.values()):
        assert address.rpartition("/")[2] not in log


def test_acts_by_commands_are_noted(office: Office) -> None:
    run(office, "people", "add", "chen", "--department", "health", "--role", "handler")
    run(
        office,
        "people",
        "revoke",
        "chen",
        "--department",
        "health",
        "--role",
        "handler",
        "--as",
        "lin",
    )
    found = noted(office)
    assert [(one["act"], one["person"], one["way"]) for one in found] == [
        ("command people revoke", "lin", "command"),
        ("command people add", OPERATOR, "command"),
    ]
    assert found[1]["details"] == {
        "options": ["department", "person", "roles"],
        "department": "health", "person": "chen", "roles": ["handler"],
    }  # fmt: skip
    run(office, "people", "list")
    assert len(noted(office)) == 2


def test_no_command_notes_what_it_mustnt(office: Office) -> None:
    office.deliver(a_penalty(1))
    record = json.loads(run(office, "review", "list", PENALTY, "--json").stdout)["pending"][0][
        "record_id"
    ]
    party = "茂名金丝雀食品有限公司"
    asked = run(office, "consent", "ask", PENALTY, record, "--party", party, "--as", "wang")
    assert asked.exit_code == 0, asked.output
    said = ("consent", "answer", PENALTY, "1", "agreed", "--note", "金丝雀同意", "--as", "wang")
    assert run(office, *said).exit_code == 0
    log = str(noted(office))
    assert "command consent ask" in log and "金丝雀" not in log
    assert "'number': '1'" in log and f"'dataset': '{PENALTY}'" in log


def test_a_filings_number_is_its_partys_secret(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record)
    assert run(office, "filing", "accept", number, "--as", "zhao").exit_code == 0
    log = str(noted(office))
    assert (
        "command filing accept" in log and number not in log and PERSONAL["party_name"] not in log
    )


def test_if_the_log_cant_be_written_the_command_does_nothing(office: Office) -> None:
    from tests.console.audit_faults import changed, content, unwritable

    before = content(office.engine)
    with unwritable(office.engine, "raises"):
        done = run(office, "people", "add", "chen", "--department", "health", "--role", "handler")
    assert done.exit_code != 0
    assert changed(before, office.engine) == []


def test_keys_are_noted_although_no_table_has_them(office: Office) -> None:
    from tests.console.audit_faults import unwritable

    assert run(office, "keys", "new").exit_code == 0
    assert [one["act"] for one in noted(office)] == ["command keys new"]
    known = json.loads(run(office, "keys", "list", "--json").stdout)
    with unwritable(office.engine, "raises"):
        assert run(office, "keys", "retire", known[-1]["key_id"]).exit_code != 0


def test_the_log_by_command(office: Office, tmp_path: Path) -> None:
    run(office, "people", "add", "chen", "--department", "health", "--role", "handler")
    head = json.loads(run(office, "audit", "verify", "--json").stdout)
    assert (head["number"], head["first"]) == (1, 1)
    listed = json.loads(
        run(office, "audit", "list", "--json", "--act", "command people add").stdout
    )
    assert len(listed) == 1
    for form in ("csv", "jsonl"):
        file = tmp_path / f"log.{form}"
        assert run(office, "audit", "export", str(file)).exit_code == 0
        assert head["digest"] in file.read_text("utf-8")
    assert run(office, "audit", "export", str(tmp_path / "log.txt")).exit_code == 2
    few = run(office, "audit", "forget", "--days", "183")
    assert few.exit_code == 1 and "audit_days_few" in few.output
    assert run(office, "audit", "forget", "--days", "184").exit_code == 0
    assert [one["act"] for one in noted(office)][:2] == [
        "command audit forget",
        "command audit export",
    ]


@pytest.mark.parametrize(
    ("words", "is_act"),
    [("serve", False), ("worker", False), ("restore", False), ("status", False), ("verify", False),
     ("people list", False), ("people add", True), ("review approve", True), ("grant decide", True),
     ("publish", True), ("keys retire", True), ("audit forget", True)],
)  # fmt: skip
def test_which_commands_are_acts(words: str, is_act: bool) -> None:
    context = click.Context(hub, info_name="hub")
    command: Any = hub
    for word in words.split():
        command = command.get_command(context, word)
    assert command.callback.__code__.co_filename.endswith("acted.py") == is_act
    assert words.partition(" ")[0] in COMMANDS
