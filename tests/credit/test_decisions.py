"""What people decide about credit: versions by two of them, never for days past, and appeals that can be undone."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from exchange_schemas.credit_rules import PACKAGED
from exchange_schemas.days import today
from exchange_schemas.errors import HubError
from hub import people
from hub.cli.main import hub
from hub.credit import appeals, versions
from hub.credit.explaining import explain, find_contribution
from hub.credit.tables import credit_appeal, credit_appeal_step
from hub.credit.versions import Proposal, in_force
from hub.database import write
from tests.credit.city import MARKET, PENALTY, Place, company, compute, penalty, put, result, said

OFFICE = "market_regulation"
TODAY = today()


@pytest.fixture(autouse=True)
def staff(place: Place) -> None:
    """wang reviews and approves, li approves, zhao handles."""
    with write(place.engine) as connection:
        for name, role in (("wang", "reviewer"), ("wang", "approver"), ("li", "approver"),
                           ("zhao", "handler"), ("zhao", "approver")):  # fmt: skip
            people.grant(connection, name, OFFICE, role, "tests")


def stricter(version: str = "2026.2", points: int = 30) -> str:
    """The packaged version with more points for a fine."""
    text = PACKAGED.read_text(encoding="utf-8").replace('"2026.1"', f'"{version}"')
    return text.replace("points: 12\n    at_most: 60", f"points: {points}\n    at_most: 60")


def proposed(place: Place, begin: date = TODAY, text: str | None = None, who: str = "wang") -> int:
    one = Proposal(text or stricter(), "own.yml", begin, "提高罚款权重")
    with write(place.engine) as connection:
        return versions.propose(connection, place.catalogue, one, who)


def refused(place: Place, act: Any) -> str:
    with pytest.raises(HubError) as found, write(place.engine) as connection:
        act(connection)
    return found.value.issue.code


def test_two_people_put_a_version_into_force(place: Place) -> None:
    put(place.engine, MARKET, [company(1), company(2)])
    put(place.engine, PENALTY, [penalty(1, 1, decided_on=str(TODAY))])
    compute(place, TODAY)
    number = proposed(place, TODAY + timedelta(days=2))
    assert refused(place, lambda c: versions.activate(c, number, "wang")) == "same_person"
    assert refused(place, lambda c: versions.activate(c, number, "chen")) == "role_missing"
    with write(place.engine) as connection:
        versions.activate(connection, number, "li")
    assert refused(place, lambda c: versions.activate(c, number, "li")) == "credit_version_decided"
    compute(place, TODAY + timedelta(days=1))
    assert (result(place, 1)["version"], result(place, 1)["integrity_score"]) == ("2026.1", 88)
    compute(place, TODAY + timedelta(days=2))
    one, two = result(place, 1), result(place, 2)
    assert (one["version"], one["integrity_score"], two["version"]) == ("2026.2", 70, "2026.2")
    with place.engine.connect() as connection:  # what held before is still known
        assert in_force(connection, TODAY).version == "2026.1"


def test_no_version_holds_for_days_that_are_over(place: Place) -> None:
    yesterday = TODAY - timedelta(days=1)
    with pytest.raises(HubError) as found:
        proposed(place, yesterday)
    assert found.value.issue.code == "credit_retroactive"
    number = proposed(place)
    with write(place.engine) as connection:  # as if it had waited for a day
        table = versions.credit_version
        connection.execute(update(table).values(holds_from=str(yesterday)))
    assert refused(place, lambda c: versions.activate(c, number, "li")) == "credit_retroactive"


def test_a_version_has_one_content_and_a_day_one_version(place: Place) -> None:
    first = proposed(place)
    assert refused_text(place, stricter(points=50)) == "credit_version_taken"
    assert (
        refused_text(place, PACKAGED.read_text(encoding="utf-8") + "#\n") == "credit_version_taken"
    )
    other = proposed(place, text=stricter("2026.3"))
    with write(place.engine) as connection:
        versions.activate(connection, first, "li")
    assert refused(place, lambda c: versions.activate(c, other, "li")) == "credit_day_taken"
    with write(place.engine) as connection:
        versions.refuse(connection, other, "li", "重复")
    assert refused(place, lambda c: versions.activate(c, other, "li")) == "credit_version_decided"


def refused_text(place: Place, text: str) -> str:
    with pytest.raises(HubError) as found:
        proposed(place, text=text)
    return found.value.issue.code


def appealed(place: Place, who: str = "zhao") -> int:
    subject = company(1)["uscc"]
    with place.engine.connect() as connection:
        key = find_contribution(
            place.site, connection, place.catalogue, subject, line(place, "penalty_fine")
        )
    claim = appeals.Claim(
        subject, key.dataset, key.key, key.indicator, "信宜市第1号商行", "处罚已撤销", "撤销决定书"
    )
    with write(place.engine) as connection:
        return appeals.take(connection, place.catalogue.law().calendar, claim, who)


def line(place: Place, indicator: str) -> str:
    lines = result(place, 1)["contributions"]
    return str(next(one for one in lines if one.startswith(indicator)))


def decided(
    place: Place, number: int, act: str, who: str = "li", until: date | None = None
) -> str:
    calendar = place.catalogue.law().calendar
    with write(place.engine) as connection:
        done = appeals.decide(connection, calendar, number, act, who, "核实", until)
    return str(done["state"])


def test_an_appeal_takes_a_record_out_and_can_be_undone(place: Place) -> None:
    put(place.engine, MARKET, [company(1)])
    put(place.engine, PENALTY, [penalty(1, 1, decided_on="2026-10-08")])
    compute(place, TODAY)
    number = appealed(place)
    with pytest.raises(HubError) as found:
        decided(place, number, "exclude", "zhao")  # who took it in
    assert found.value.issue.code == "same_person"
    assert decided(place, number, "exclude") == "excluded"
    compute(place, TODAY)
    assert result(place, 1)["integrity_score"] == 100
    assert result(place, 1)["alert_score"] == 90  # only this contribution was disputed
    with place.engine.connect() as connection:
        told = explain(place.site, connection, place.catalogue, company(1)["uscc"])
    assert [one["state"] for one in told.appeals] == ["excluded"]
    assert decided(place, number, "undo") == "open"
    compute(place, TODAY)
    assert result(place, 1)["integrity_score"] == 88
    until = TODAY + timedelta(days=30)
    decided(place, number, "exclude", until=until)
    compute(place, until - timedelta(days=1))
    assert result(place, 1)["integrity_score"] == 100
    compute(place, until)
    assert result(place, 1)["integrity_score"] == 88
    with place.engine.connect() as connection:
        acts = [one["act"] for one in appeals.steps(connection, number)]
    assert acts == ["take", "exclude", "undo", "exclude"]


def test_what_an_appeal_needs(place: Place) -> None:
    put(place.engine, MARKET, [company(1)])
    put(place.engine, PENALTY, [penalty(1, 1, decided_on="2026-10-08")])
    compute(place, TODAY)
    number = appealed(place)
    with place.engine.begin() as connection:
        row = appeals.find(connection, number)
        calendar = place.catalogue.law().calendar
        begin, due = date.fromisoformat(row["received_on"]), date.fromisoformat(row["due_on"])
    worked = sum(
        bool(calendar.is_worked(begin + timedelta(days=n)))
        for n in range(1, (due - begin).days + 1)
    )
    assert worked == 10 and calendar.is_worked(due)
    assert "10 个工作日" in row["due_basis"]
    with pytest.raises(HubError) as found:
        decided(place, number, "exclude", until=TODAY)
    assert found.value.issue.code == "credit_appeal_until"
    assert decided(place, number, "uphold") == "upheld"
    with pytest.raises(HubError) as found:
        decided(place, number, "exclude")
    assert found.value.issue.code == "credit_appeal_state"
    with pytest.raises(HubError) as found:
        decided(place, number + 1, "uphold")
    assert found.value.issue.code == "credit_appeal_unknown"


def test_the_database_keeps_what_was_decided(place: Place) -> None:
    put(place.engine, MARKET, [company(1)])
    put(place.engine, PENALTY, [penalty(1, 1, decided_on="2026-10-08")])
    compute(place, TODAY)
    appealed(place)
    moved = update(credit_appeal).values(state="upheld", step=2)
    for statement in (moved, credit_appeal.delete(), credit_appeal_step.delete()):
        with pytest.raises(DBAPIError), write(place.engine) as connection:
            connection.execute(statement)


def run(place: Place, *words: str) -> Any:
    ran = CliRunner().invoke(hub, ["--site", str(place.site.path), "credit", *words, "--json"])
    return json.loads(ran.stdout)


def test_commands(place: Place, tmp_path: Path) -> None:
    put(place.engine, MARKET, [company(1), company(2)])
    put(place.engine, PENALTY, [penalty(1, 1, decided_on="2026-10-08")])
    compute(place, TODAY)
    subject, file = company(1)["uscc"], tmp_path / "own.yml"
    file.write_text(stricter(points=60), encoding="utf-8")
    assert run(place, "check", str(file)) == []
    shown = run(place, "show", subject)
    assert (shown["credit_class"], len(shown["contributions"])) == ("A", 2)
    assert shown["contributions"][0]["title"] == "一般行政处罚（罚款、没收等）"
    found = run(place, "what-if", str(file), "--csv", str(tmp_path / "changes.csv"))
    assert found["moves"] == [
        {"before": "A", "after": "A", "subjects": 1},
        {"before": "A", "after": "C", "subjects": 1},
    ]
    assert [one["subject"] for one in found["changed"]] == [subject]
    assert subject in (tmp_path / "changes.csv").read_text(encoding="utf-8-sig")
    past = run(place, "what-if", str(file), "--day", "2026-10-07")
    assert past["changed"] == []  # the day before the decision
    number = run(place, "propose", str(file), "--reason", "调整", "--as", "wang")["number"]
    assert run(place, "activate", str(number), "--as", "wang")["error"]["code"] == "same_person"
    assert run(place, "activate", str(number), "--as", "li")["version"] == "2026.2"
    assert run(place, "versions")["in_force"] == "2026.2"
    compute(place, TODAY)
    assert run(place, "classes", "--class", "C", "--list")[0]["subject"] == subject
    assert sum(one["subjects"] for one in run(place, "classes")) == 2
    claim = ("--claimant", "商行", "--disputed", "已撤销", "--evidence", "决定书", "--as", "zhao")
    taken = run(place, "appeal", "take", subject, line(place, "penalty_fine"), *claim)
    assert run(place, "appeal", "list")[0]["due_on"] == taken["due_on"]
    run(
        place,
        "appeal",
        "decide",
        str(taken["number"]),
        "exclude",
        "--reason",
        "属实",
        "--as",
        "li",
    )
    assert run(place, "appeal", "show", str(taken["number"]))["state"] == "excluded"
    compute(place, TODAY)
    assert len(run(place, "show", subject)["contributions"]) == 1
    assert said(place, "credit_class").height == 2
    unknown = run(place, "appeal", "take", subject, "nothing", *claim)
    assert unknown["error"]["code"] == "credit_contribution_unknown"
