"""Sources that give only what is new: where the next pull goes on, and what is gone."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from adapters import plugins
from adapters.feed import Feed
from adapters.source import KEYS, Ask, Part
from exchange_schemas.errors import SourceFaltering
from exchange_schemas.issue import Issue
from hub import quarantine, runs
from hub.database import write
from hub.replay import kept_delivery
from tests.flow.conftest import HEADER, Desk, code, counts, row


class Steps:
    """A source that gives, for each cursor, the parts that a test laid down for it."""

    options: Mapping[str, Any] = {"properties": {}}
    format: Mapping[str, Any] | None = {"kind": "csv", "encoding": "utf-8"}
    steps: ClassVar[dict[str | None, list[Part]]] = {}
    asked: ClassVar[list[str | None]] = []

    def pull(self, ask: Ask) -> Iterator[Part]:
        self.asked.append(ask.cursor)
        for part in self.steps.get(ask.cursor, []):
            if part.name == "away":
                raise SourceFaltering(Issue("file_missing", value="away"))
            yield part


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> type[Steps]:
    monkeypatch.setitem(plugins.SOURCES, "steps", f"{__name__}:Steps")
    monkeypatch.setitem(sys.modules, __name__, sys.modules[Steps.__module__])
    Steps.steps.clear()
    Steps.asked.clear()
    return Steps


def part(cursor: str | None, *rows: str, name: str = "rows.csv") -> Part:
    return Part(name, ["\n".join([HEADER, *rows, ""]).encode()], cursor=cursor)


def keys(*numbers: int) -> Part:
    lines = ["代码", *(code(number) for number in numbers), ""]
    return Part("keys.csv", ["\n".join(lines).encode()], role=KEYS)


def feed(desk: Desk) -> Feed:
    return desk.feed(source={"kind": "steps"}, format={"kind": "csv", "encoding": "utf-8"},
                     mode="increment")  # fmt: skip


def test_the_cursor_moves_with_the_rows(desk: Desk, steps: type[Steps]) -> None:
    steps.steps.update({None: [part("1", row(1), row(2))], "1": [part("2", row(3))], "2": []})
    assert counts(desk.run(feed(desk))) == (2, 2, 0, 2, 0, 0, 0)
    assert counts(desk.run(feed(desk))) == (1, 1, 0, 1, 0, 0, 0)
    assert counts(desk.run(feed(desk))) == (0, 0, 0, 0, 0, 0, 0)  # nothing new
    desk.run(feed(desk))
    assert steps.asked == [None, "1", "2", "2"]
    assert desk.count("head") == 3


def test_a_run_that_fails_leaves_the_cursor(
    desk: Desk, steps: type[Steps], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps.steps.update({None: [part("1", row(1))], "1": [part("2", row(2))]})
    desk.run(feed(desk))

    complete = runs.complete

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("hub.runs.complete", broken)
    with pytest.raises(RuntimeError):
        desk.run(feed(desk))
    monkeypatch.setattr("hub.runs.complete", complete)
    assert desk.run(feed(desk))["added"] == 1
    assert steps.asked == [None, "1", "1"]


def test_a_pull_that_breaks_off_takes_nothing(desk: Desk, steps: type[Steps]) -> None:
    steps.steps[None] = [part("1", row(1)), part("2", row(2)), Part("away", [])]
    with pytest.raises(SourceFaltering):
        desk.run(feed(desk))
    assert (desk.count("head"), desk.count("run")) == (0, 0)


def test_restart_pulls_from_the_beginning(desk: Desk, steps: type[Steps]) -> None:
    steps.steps[None] = [part("1", row(1))]
    desk.run(feed(desk))
    assert desk.run(feed(desk), restart=True)["unchanged"] == 1
    assert steps.asked == [None, None]


def test_without_a_list_of_keys_nothing_is_gone(desk: Desk, steps: type[Steps]) -> None:
    steps.steps.update({None: [part("1", row(1), row(2))], "1": [part("2", row(3))]})
    desk.run(feed(desk))
    assert desk.run(feed(desk))["gone"] == 0


def test_with_it_what_is_not_listed_is_gone(desk: Desk, steps: type[Steps]) -> None:
    steps.steps.update({
        None: [part("1", *(row(n) for n in range(6)))],
        "1": [part("2", row(7)), keys(0, 1, 2, 3, 4, 7)],
    })  # fmt: skip
    desk.run(feed(desk))
    assert counts(desk.run(feed(desk))) == (1, 1, 0, 1, 0, 0, 1)
    assert desk.count("head") == 6


def test_an_empty_list_is_held(desk: Desk, steps: type[Steps]) -> None:
    steps.steps.update({None: [part("1", row(1), row(2))], "1": [part("2", row(3)), keys()]})
    desk.run(feed(desk))
    assert desk.run(feed(desk))["held"]
    desk.run(feed(desk))
    assert steps.asked == [None, "1", "1"]  # a held run moves nothing


def test_parts_are_one_delivery_and_rows_know_their_file(desk: Desk, steps: type[Steps]) -> None:
    steps.steps[None] = [
        part(None, row(1), name="a.csv"),
        part("1", row(2), row(3, 成立日期="错"), name="乙.csv"),
    ]
    result = desk.run(feed(desk))
    assert counts(result) == (3, 2, 1, 2, 0, 0, 0)
    with desk.engine.connect() as connection:
        (wrong,) = quarantine.rows(connection)
        _, kept = kept_delivery(connection, desk.site, "desk")
    assert (wrong.source, wrong.line) == ("乙.csv", 3)
    assert wrong.issues[0].line == 3
    assert kept.cursor == "1"


def test_where_it_came_from_is_kept_without_secrets(
    desk: Desk, steps: type[Steps], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPS_TOKEN", "geheim-123")
    steps.options = {"properties": {"token": {"type": "string"}}}  # type: ignore[misc]
    headers = {"ETag": '"geheim-123"', "Set-Cookie": "a=b", "Last-Modified": "today"}
    one = part("1", row(1))
    steps.steps[None] = [Part(one.name, one.blocks, "http://u:pw@x/?t=geheim-123", headers)]
    told = desk.feed(source={"kind": "steps", "token": "${STEPS_TOKEN}"},
                     format={"kind": "csv", "encoding": "utf-8"}, mode="increment")  # fmt: skip
    desk.run(told)
    with write(desk.engine) as connection:
        (kept,) = connection.exec_driver_sql("SELECT told FROM run").scalars()
    assert "Last-Modified" in kept and "http://***@x/" in kept
    assert "geheim" not in kept and "pw" not in kept and "Cookie" not in kept
