"""`docs/review-and-publish.md`: its tables are those of the program, and its walk-through goes as it says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click
import polars as pl
import pytest
import time_machine

from exchange_schemas.issue_kinds import KINDS
from exchange_schemas.language import translate
from hub.cli.context import Session
from hub.cli.main import hub
from hub.cli.words import state_name
from hub.states import ACTS, BY_NAME, FIRST, PUBLIC, ROLES, STATES, moves
from publisher.release import current_release
from tests.flow.walkthrough import DRAWN, PLACES, Walk, begin, commands, sections
from tests.hub.ledger_data import PENALTY

GUIDE = (Path(__file__).parents[2] / "docs" / "review-and-publish.md").read_text(encoding="utf-8")
LINES = [line for line in commands(GUIDE) if line.startswith("hub ")]


def acts_table() -> str:
    """Every move, as the guide has it."""
    rows = ["| act | in Chinese | whose | from | to |", "|---|---|---|---|---|"]
    for act in ACTS:
        named = translate("hub", "zh_CN", act.name)
        source = ", ".join(act.sources)
        who = f"{act.by}, with a reason" if act.reason else act.by
        rows.append(f"| `{act.name}` | {named} | {who} | {source} | {act.target} |")
    return "\n".join(rows) + "\n"


def test_the_table_of_moves_is_that_of_the_program() -> None:
    assert acts_table() in GUIDE, f"put this into docs/review-and-publish.md:\n{acts_table()}"


def test_the_table_of_states_is_that_of_the_program() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (yes|[a-z ]+) \|", GUIDE, re.MULTILINE)
    told = rows[: len(STATES)]
    session = Session(Path(), "zh_CN")
    assert [(name, chinese) for name, chinese, _ in told] == [
        (state, state_name(session, state)) for state in STATES
    ]
    assert tuple(name for name, _, public in told if public == "yes") == PUBLIC


def test_the_drawing_has_no_other_moves() -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+): (\w+)$", GUIDE, re.MULTILINE)
    assert {state for source, target, _ in drawn for state in (source, target)} == set(STATES)
    for source, target, act in drawn:
        assert source in BY_NAME[act].sources and target == BY_NAME[act].target
        assert target in moves()[source]
    assert set(re.findall(r"^    \[\*\] --> (\w+)$", GUIDE, re.MULTILINE)) == set(FIRST)


@pytest.mark.parametrize("line", LINES)
def test_the_commands_are_understood(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = hub
    context = click.Context(hub)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None
        command = found
    command.make_context(command.name, words, parent=context)


def test_the_roles_and_codes_exist() -> None:
    people = GUIDE[GUIDE.index("| role | does |") : GUIDE.index("hub people add")]
    assert set(re.findall(r"^\| (\w+) \|", people, re.MULTILINE)) == {"role", *ROLES}
    table = GUIDE[GUIDE.index("## When it goes wrong") :]
    codes = re.findall(r"`([a-z]+_[a-z]+)`", table)
    assert len(codes) >= 10 and set(codes) <= set(KINDS)
    places = set(re.findall(r"\b[A-Z]{3,}\b", " ".join(LINES)))
    assert places - {"N"} == {*PLACES, DRAWN}


@pytest.fixture
def walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    with ExitStack() as stack, time_machine.travel("2026-11-30T02:00:00Z", tick=True):
        yield begin(GUIDE, tmp_path, stack, monkeypatch)


def released(walk: Walk) -> tuple[int, dict[str, dict[str, object]]]:
    """The current release's number, and what it has by record id."""
    release = current_release(walk.folder / "site" / "releases", PENALTY)
    assert release is not None
    rows = pl.read_parquet(release.path / "records.parquet").to_dicts()
    return release.number, {row["record_id"]: row for row in rows}


def counts(text: str) -> dict[str, int]:
    """What `hub review list` says: state in Chinese → records."""
    return {
        state: int(n) for state, n in re.findall(r"│ (\S+)\s+│\s+(\d+) │$", text, re.MULTILINE)
    }


def page(walk: Walk, name: str) -> int:
    return walk.get(f"/datasets/{PENALTY}/records/{walk.found[name]}").status_code


def from_the_feed(walk: Walk) -> None:
    walk.section(1)
    assert counts(walk.output("hub review list")) == {"待审核": 108, "依规不公示": 9}


def one_to_the_public(walk: Walk) -> None:
    walk.section(2)
    shown = walk.output("hub review show")
    for told in ("2027-07-27", "credit-general@", "penalty-three-years@", "2029-11-30"):
        assert told in shown
    served = next(line for line in shown.splitlines() if "2026-08-03" in line)
    assert served.count("2026-08-03") == 1  # beside it, the public view has nothing
    number, rows = released(walk)
    assert (number, list(rows)) == (1, [walk.found["ONE"]])
    assert page(walk, "ONE") == 200
    assert walk.found["ONE"] in walk.get("/search?q=高州市龙眼坡镇溪岭晨水果店").text


def the_others_by_sample(walk: Walk) -> None:
    walk.section(3)
    assert len(walk.drawn) == 20
    assert "107" in walk.output("hub review sample decide")
    assert [released(walk)[0], len(released(walk)[1])] == [2, 108]


def a_correction(walk: Walk) -> None:
    walk.section(4)
    shown = next(
        line for line in walk.output("hub review show").splitlines() if "经营过期食品" in line
    )
    assert shown.count("经营过期食品") == 2 and "经营超过保质期的食品" in shown
    number, rows = released(walk)
    one = rows[walk.found["ONE"]]
    assert (number, len(rows), one["violation_type"]) == (4, 108, "经营过期食品")
    assert str(one["published_on"]) == "2026-11-30"
    folder = walk.folder / "site" / "releases" / PENALTY
    assert [(folder / str(n) / "records.csv").exists() for n in (1, 2, 3, 4)] == [
        False, False, True, True,
    ]  # fmt: skip
    assert json.loads((folder / "3" / "manifest.json").read_bytes())["counts"]["records"] == 107


def a_withdrawal(walk: Walk) -> None:
    walk.section(5)
    number, rows = released(walk)
    assert number == 5 and len(rows) == 107 and walk.found["TWO"] not in rows
    assert page(walk, "TWO") == 410


def credit_repair(walk: Walk) -> None:
    walk.section(6)
    assert walk.found["NUMBER"] in walk.output("hub filing list")
    number, rows = released(walk)
    assert number == 6 and walk.found["ONE"] not in rows
    assert page(walk, "ONE") == 410
    assert "准予信用修复。" in walk.get(f"/filings/{walk.found['NUMBER']}").text


def the_end_of_a_term(walk: Walk) -> None:
    walk.section(7)
    assert "2027-04-04" in walk.output("hub clocks due").splitlines()[4]
    assert "84" in walk.output("hub clocks recompute", 0)
    assert re.search(rf"│ {PENALTY} +│ +27 │ +7 │", walk.output("hub clocks sweep"))
    assert "公示期满" in walk.output("hub review show")
    assert counts(walk.output("hub review list")) == {
        "待审核": 27, "公示中": 79, "依规不公示": 9, "已修复": 1, "已撤回": 1,
    }  # fmt: skip
    assert len(released(walk)[1]) == 79


def the_portal_closes_by_itself(walk: Walk) -> None:
    """On the day after the first end, before anybody did anything, nothing that is over is shown."""
    over = [
        row for row in released(walk)[1].values() if str(row["disclosed_until"]) == "2027-04-04"
    ]
    (path,) = {f"/datasets/{PENALTY}/records/{row['record_id']}" for row in over}
    with time_machine.travel("2027-04-04T15:59:00Z"):  # the last minute of the last day
        assert walk.get(path).status_code == 200
    with time_machine.travel("2027-04-04T16:01:00Z", tick=True):
        assert walk.get(path).status_code == 503
        assert walk.type("hub clocks sweep")
        assert walk.get(path).status_code == 410
        assert len(released(walk)[1]) == 78
        assert page(walk, "ONE") == 410


def test_a_newcomer_takes_a_penalty_from_the_feed_to_its_end(walk: Walk) -> None:
    steps = (
        from_the_feed, one_to_the_public, the_others_by_sample, a_correction, a_withdrawal,
        credit_repair, the_end_of_a_term,
    )  # fmt: skip
    assert len(steps) == len(sections(GUIDE))
    for step in steps:
        step(walk)
    the_portal_closes_by_itself(walk)
