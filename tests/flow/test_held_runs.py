"""What the breaker holds, and what people make of it."""

from __future__ import annotations

import pytest

from exchange_schemas.errors import Refused
from hub.database import write
from hub.difference import changes_of
from hub.held import DISCARDED, decide, find_held, waiting
from hub.notices import list_notices
from hub.work import work_now
from tests.flow.conftest import Desk, code, counts, row


def held_run(desk: Desk) -> int:
    """Ten records, of which the next delivery brings two, one of them changed."""
    desk.feed()
    desk.write(*(row(n) for n in range(10)))
    desk.run()
    desk.write(row(0), row(1, 地址="茂名市高州市"))
    result = desk.run()
    assert result["held"]
    return int(result["run"])


def work(desk: Desk, **told: object) -> dict[str, object]:
    return work_now(
        desk.site, desk.engine, "feed_run", {"feed": str(desk.folder / "desk.yml"), **told}
    )


def test_a_held_run_keeps_what_it_would_change_field_by_field(desk: Desk) -> None:
    run_id = held_run(desk)
    assert desk.count("revision") == 10
    with desk.engine.connect() as connection:
        (found,) = waiting(connection)
        (told,) = changes_of(connection, run_id)
        (notice,) = list_notices(connection)
    assert (found.run_id, found.feed, found.verdict) == (run_id, "desk", None)
    assert (told["added"], told["changed"], told["gone"]) == (0, 1, 8)
    assert told["fields"] == {"domicile": 1}
    (changed,) = [r for r in told["records"] if r["operation"] == "changed"]
    assert changed["fields"] == {"domicile": ["茂名市茂南区", "茂名市高州市"]}
    assert (notice.feed, notice.run_id, notice.issue.code) == ("desk", run_id, "feed_shrank")


def test_a_person_lets_it_in_with_a_reason(desk: Desk) -> None:
    run_id = held_run(desk)
    result = work(desk, run=run_id, actor="李四", reason="系统迁移")
    assert counts(result)[3:] == (0, 1, 1, 8)
    with desk.engine.connect() as connection:
        assert waiting(connection) == []
        with pytest.raises(Refused) as caught:
            find_held(connection, run_id)
    assert caught.value.issue.code == "held_decided"
    assert "李四" in caught.value.issue.message()


def test_a_released_delivery_is_the_one_that_was_held(desk: Desk) -> None:
    """What the department has put into the folder since is another delivery."""
    run_id = held_run(desk)
    desk.write(*(row(n) for n in range(10, 30)))
    assert counts(work(desk, run=run_id, actor="李四", reason="x"))[0] == 2


def test_a_person_throws_it_away(desk: Desk) -> None:
    run_id = held_run(desk)
    with write(desk.engine) as connection:
        decide(connection, run_id, DISCARDED, "李四", "导出不完整")
    with pytest.raises(Refused):
        work(desk, run=run_id, actor="王五", reason="x")
    assert desk.count("revision") == 10


def test_what_was_overtaken_cannot_be_released(desk: Desk) -> None:
    run_id = held_run(desk)
    desk.write(*(row(n) for n in range(9)))
    desk.run()
    with pytest.raises(Refused) as caught:
        work(desk, run=run_id, actor="李四", reason="x")
    assert caught.value.issue.code == "held_overtaken"


def test_too_many_rejected_rows(desk: Desk) -> None:
    desk.write(*(row(n) for n in range(10)))
    desk.run()
    desk.write(*(row(n) for n in range(4)), *(row(n, 成立日期="错") for n in range(4, 10)))
    result = desk.run()
    assert result["held"] and "feed_rejects" in result["issues"]
    desk.write(*(row(n) for n in range(5)), *(row(n, 成立日期="错") for n in range(5, 10)))
    assert not desk.run()["held"]  # half is what may be


def test_a_count_far_from_the_usual(desk: Desk) -> None:
    for extra in range(3):
        desk.write(*(row(n) for n in range(20 + extra)))
        assert not desk.run()["held"]
    desk.write(*(row(n) for n in range(60)))
    result = desk.run()
    assert result["held"] and "feed_unusual" in result["issues"]
    told = desk.feed(breaker={"usual": 3})
    assert not desk.run(told)["held"]


def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    desk.write(row(1), row(2))
    result = desk.run(dry=True)
    assert result["differences"][0]["added"] == 2
    assert (desk.count("revision"), desk.count("run"), desk.count("head")) == (0, 0, 0)
    desk.run()
    desk.write(row(1), row(3))
    told = desk.run(dry=True)["differences"][0]
    assert (told["added"], told["changed"], told["gone"]) == (1, 0, 1)
    assert {r["key"] for r in told["records"]} == {code(2), code(3)}
    assert desk.count("revision") == 2
