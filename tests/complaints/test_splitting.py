"""Mixed tickets: which are suggested and why, who decides, and that both parts have their own terms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from exchange_schemas.errors import HubError
from hub.complaints import acting, mixed, showing, splitting
from hub.complaints.deciding import APART, WHOLE
from hub.complaints.tables import complaint_decision
from hub.current import current_fields
from hub.database import write
from hub.tables_of_terms import COMPLAINT
from hub.terms import terms_of
from tests.exchange.complaint_site import Hotline, a_ticket, hotline

BOTH = "本人薛小楼在该店买到过期食品，要求退款并赔偿；请依法查处该店。"
ONE = "MM12345202611000001"

#: kind, text → what the second ticket would be
CASES = [
    ("投诉", BOTH, "举报"),
    ("举报", "举报该店无照经营，我交的押金要求退还。", "投诉"),
    ("投诉", "买的电视坏了，要求退货退款。", None),
    ("举报", "该店使用作弊秤，短斤少两，请查处。", None),
    ("举报", "该店虚假宣传，请查处。本人不要求赔偿。", None),
    ("投诉", "该店无证经营，无需退款，只想反映情况。", None),
    ("投诉", "广告说能治病，虚假 宣传，我要退\n款。", "举报"),
    ("咨询", BOTH, None),
    ("建议", BOTH, None),
    (None, BOTH, None),
]


@pytest.fixture
def made(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    found = hotline(tmp_path, database_url, monkeypatch)
    found.put(
        a_ticket(1, facts=BOTH),
        a_ticket(2),
        a_ticket(3, kind="举报", facts="该店短斤少两，请查处。"),
    )
    found.route()
    return found


def listed(made: Hotline, who: str) -> list[str]:
    with made.engine.connect() as connection:
        found = splitting.suggestions(made.site, connection, made.desk.catalogue, made.who(who))
    return [one["ticket_no"] for one in found]


@contextmanager
def fails(code: str) -> Iterator[None]:
    with pytest.raises(HubError) as caught:
        yield
    assert caught.value.issue.code == code


@pytest.mark.parametrize(("kind", "text", "part"), CASES)
def test_what_is_suggested(kind: str | None, text: str, part: str | None) -> None:
    frame = pl.DataFrame(
        {"ticket_no": ["1"], "kind": [kind], "text": [text]}, schema_overrides={"kind": pl.String}
    )
    (found,) = mixed.found(frame).to_dicts()
    assert found["part"] == part


def test_reasons_are_names_of_rules_and_no_words_of_the_text(made: Hotline) -> None:
    with made.engine.connect() as connection:
        (found,) = splitting.suggestions(
            made.site, connection, made.desk.catalogue, made.who("liu")
        )
    assert found == {
        "ticket_no": ONE, "kind": "投诉", "part": "举报", "demand": ["refund", "compensation"],
        "report": ["punishment", "food"],
    }  # fmt: skip


def test_both_parts_have_their_own_terms_and_refer_to_each_other(made: Hotline) -> None:
    assert listed(made, "zhao") == [ONE]
    done = splitting.decide(made.desk, made.who("zhao"), ONE, APART, "既要求退款又要求查处")
    assert done == {"ticket_no": ONE, "choice": "split", "part_no": f"{ONE}-1"}
    with made.engine.connect() as connection:
        catalogue = made.desk.catalogue
        rows = [acting.find(connection, made.who("zhao"), number) for number in (ONE, f"{ONE}-1")]
        whole, part = (showing.show(connection, catalogue, row) for row in rows)
        terms = [{t["term"] for t in terms_of(connection, COMPLAINT, row["id"])} for row in rows]
    assert (whole["parts"], part["split_from"], part["kind"]) == ([f"{ONE}-1"], ONE, "举报")
    assert terms == [{"acceptance"}, {"check"}]
    assert part["department"] == whole["department"] == "market_regulation"
    assert part["received_at"] == whole["received_at"]
    made.act(ONE, "zhao", "accept")
    made.act(f"{ONE}-1", "zhao", "decide", decision="立案", reason="经核查属实")
    assert made.ticket(1)["state"] == "accepted"
    assert listed(made, "zhao") == []
    assert splitting.enter_parts(made.site, made.engine, made.desk.catalogue) == 0


def test_what_became_of_the_ticket_isn_t_said_of_its_part(made: Hotline) -> None:
    made.put(
        a_ticket(
            1,
            facts=BOTH,
            accept_decision="受理",
            accept_decided_on="2026-11-24",
            satisfaction=None,
        )
    )
    made.route()
    splitting.decide(made.desk, made.who("huang"), ONE, APART, "分别处理")
    standard = made.desk.catalogue.get("complaint_report")
    with made.engine.connect() as connection:
        rows = current_fields(connection, "complaint_report", standard.dtypes)
    (part,) = rows.filter(pl.col("ticket_no") == f"{ONE}-1").to_dicts()
    assert part["facts"] == BOTH
    assert {part[name] for name in splitting.NOT_COPIED} == {None}


def test_whoever_is_killed_between_decision_and_ledger_is_made_good(
    made: Hotline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_told: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(splitting, "enter_parts", killed)
        with pytest.raises(KeyboardInterrupt):
            splitting.decide(made.desk, made.who("zhao"), ONE, APART, "分别处理")
    assert splitting.enter_parts(made.site, made.engine, made.desk.catalogue) == 1
    assert made.route()["taken"] == 1


def test_who_and_what(made: Hotline) -> None:
    zhao, tang = made.who("zhao"), made.who("tang")
    with fails("ticket_unknown"):
        splitting.decide(made.desk, tang, ONE, APART, "不是我的")
    with fails("ticket_side"):
        splitting.decide(made.desk, made.who("qian"), ONE, APART, "只看不办")
    with fails("ticket_words"):
        splitting.decide(made.desk, zhao, ONE, APART, " ")
    with fails("result_private"):
        splitting.decide(made.desk, zhao, ONE, APART, "电话13906680111")
    splitting.decide(made.desk, zhao, ONE, WHOLE, "只是一件")
    assert listed(made, "zhao") == []
    splitting.decide(made.desk, zhao, ONE, APART, "还是分开")
    for number in (ONE, f"{ONE}-1"):
        with fails("ticket_not_split"):
            splitting.decide(made.desk, zhao, number, APART, "再分")
    with fails("ticket_not_split"):
        splitting.decide(made.desk, zhao, ONE, WHOLE, "又是一件")


def test_what_the_platform_took_back_is_not_split(made: Hotline) -> None:
    made.put(gone=(a_ticket(1),))
    made.route()
    with fails("ticket_not_split"):
        splitting.decide(made.desk, made.who("zhao"), ONE, APART, "既要求退款又要求查处")


def test_decisions_are_never_changed(made: Hotline) -> None:
    splitting.decide(made.desk, made.who("zhao"), ONE, WHOLE, "只是一件")
    for statement in (
        complaint_decision.update().values(choice="split"),
        complaint_decision.delete(),
    ):
        with (
            pytest.raises(Exception, match="complaint_decision"),
            write(made.engine) as connection,
        ):
            connection.execute(statement)
