"""Normative documents: the state of every day, numbers without gaps, chains to what is in force."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.document_rules import load_document_rules
from hub.database import write
from hub.documents import showing
from hub.documents.chains import chains
from hub.documents.validity import FIELDS, validity
from hub.people import grant
from hub.policies import Proposal, approve_policy, propose
from hub.tables import dataset
from hub.tables_of_review import disclosure
from publisher.view import view_frame, visible
from tests.hub.ledger_data import put
from tests.offices.conftest import DAY, Computed, Place

DATASET, VALIDITY = "normative_document", "document_validity"
RULES = load_document_rules()
STANDARD = load_catalogue().get(DATASET)


def a_document(number: str, **more: Any) -> dict[str, Any]:
    """Number 007 of 2020 is MMGFX-2020-007, in force since the first of 2021; None leaves a field out."""
    year, count = number.split("-")
    told = {
        "registration_no": f"MMGFX-{number}", "doc_no": f"茂府规〔{year}〕{int(count)}号",
        "title": f"第{number}号办法", "issuers": ["茂名市人民政府"], "level": "市政府",
        "consultation": "已公开征求意见", "consultation_from": "2019-01-01",
        "consultation_to": "2019-02-01", "legality_review": "通过", "legality_review_no": "1",
        "legality_reviewer": "茂名市司法局", "collective_decision": "通过",
        "collective_decision_on": "2019-03-01", "issued_on": f"{year}-06-01",
        "effective_on": f"{year}-07-01", "status": "有效", "text": "第一条", **more,
    }  # fmt: skip
    return {name: one for name, one in told.items() if one is not None}


def judged(*documents: dict[str, Any], day: date = DAY) -> dict[str, dict[str, Any]]:
    """Registration number → record of `document_validity`."""
    schema = {name: STANDARD.dtypes[name] for name in FIELDS}
    rows = [{name: one.get(name) for name in FIELDS} for one in documents]
    frame = pl.DataFrame(rows, schema=schema).with_columns(_key=pl.col("registration_no"))
    return {one["registration_no"]: one for one in validity(frame, RULES, day).to_dicts()}


def one(document: dict[str, Any], day: date = DAY) -> dict[str, Any]:
    """The record of a single document."""
    (found,) = judged(document, day=day).values()
    return found


@settings(deadline=None, max_examples=60)
@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.booleans())
def test_a_document_lapses_on_the_day_after_its_term(begin: date, trial: bool) -> None:
    told = a_document("2000-001", effective_on=str(begin), trial=trial, issued_on="2000-01-01")
    last = date.fromisoformat(one(told)["valid_until"])
    assert one(told, last)["status"] == "有效"
    after = one(told, last + timedelta(days=1))
    assert (after["status"], after["since"]) == ("失效", str(last + timedelta(days=1)))
    years = 3 if trial else 5
    following = last + timedelta(days=1)
    same = (following.year - begin.year, following.month, following.day)
    leap_day = (begin.month, begin.day) == (2, 29)
    assert same == ((years, 3, 1) if leap_day else (years, begin.month, begin.day))


def test_before_it_takes_effect_and_without_an_end() -> None:
    assert one(a_document("2027-001"))["status"] == "未施行"
    endless = one(a_document("2001-001", long_term=True))
    assert (endless["status"], endless["valid_until"], endless["valid_basis"]) == (
        "有效",
        None,
        "长期有效",
    )


def test_repeal_counts_from_its_day() -> None:
    later = a_document("2025-001", status="废止", repealed_on="2027-01-01")
    assert one(later)["status"] == "有效"
    assert one(later, date(2027, 1, 1))["status"] == "废止"
    unknown = one(a_document("2025-001", status="废止", repealed_by="清理决定"))
    assert (unknown["status"], unknown["since"], unknown["ended_by"]) == ("废止", None, "清理决定")
    lapsed = one(a_document("2025-001", status="失效", repealed_by="清理决定"))
    assert (lapsed["status"], lapsed["since"]) == ("失效", None)


def test_a_chain_is_followed_to_what_is_in_force() -> None:
    found = judged(
        a_document("2019-001", title="电动车管理办法"),
        a_document("2021-001", replaces=["《电动车管理办法》（茂府规[2019]1号）"]),
        a_document("2024-001", replaces=["MMGFX-2021-001"]),
    )
    first, second, third = found.values()
    assert first["chain"] == ["MMGFX-2021-001", "MMGFX-2024-001"]
    assert [one["status"] for one in found.values()] == ["废止", "废止", "有效"]
    assert {one["in_force"] for one in found.values()} == {"MMGFX-2024-001"}
    assert (first["since"], second["since"]) == ("2021-07-01", "2024-07-01")
    assert third["chain"] is None


def test_what_is_replaced_by_a_document_that_lapsed_has_none_in_force() -> None:
    found = judged(a_document("2017-001"), a_document("2018-001", replaces=["茂府规〔2017〕1号"]))
    assert {one["in_force"] for one in found.values()} == {None}


def test_circles_and_dangling_names_are_told_and_followed_by_nobody() -> None:
    found = judged(
        a_document("2022-001", replaces=["MMGFX-2023-001"]),
        a_document("2023-001", replaces=["MMGFX-2022-001"]),
        a_document("2024-001", replaces=["《没有的办法》"]),
        a_document("2025-001", replaces=["《第2024-001号办法》（茂府规〔2011〕9号）"]),
    )
    assert "循环引用" in found["MMGFX-2022-001"]["findings"]
    assert found["MMGFX-2022-001"]["chain"] is None
    assert found["MMGFX-2022-001"]["status"] == "有效"
    for number in (
        "2024-001",
        "2025-001",
    ):  # a number that nobody has isn't made up for by a title
        told = found[f"MMGFX-{number}"]
        assert told["details"][told["findings"].index("引用不存在")].startswith("《")


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 9), st.integers(0, 9), max_size=10))
def test_every_chain_ends_or_is_a_circle(ways: dict[int, int]) -> None:
    pairs = {old: new for old, new in ways.items() if old != new}
    schema = {"old": pl.String, "new": pl.String, "on": pl.Date}
    rows = [{"old": str(old), "new": str(new)} for old, new in pairs.items()]
    found = chains(pl.DataFrame(rows, schema=schema))
    assert sorted(found["start"]) == sorted(map(str, pairs))
    for start, chain, circle in found.iter_rows():
        way = followed(pairs, int(start))
        assert circle == (int(start) in way)
        inside = [at for at in way if at in followed(pairs, at)]
        ends = len(way) if circle or not inside else way.index(inside[0]) + 1
        assert list(map(int, chain)) == way[:ends]


def followed(pairs: dict[int, int], start: int) -> list[int]:
    """All that a way comes to, each once."""
    way: list[int] = []
    at = start
    while at in pairs and pairs[at] not in way:
        at = pairs[at]
        way.append(at)
    return way


def test_numbers_are_counted_by_series_and_year() -> None:
    found = judged(
        *(a_document(f"2023-{n:03}") for n in (1, 2, 5)),
        a_document("2024-001"),
        a_document("2024-002", doc_no="茂民规〔2024〕2号"),
        a_document("2025-001", registration_no="没有编号"),
        a_document("2026-001", doc_no="茂府规〔2024〕1号"),
    )
    told = {
        number: dict(zip(x["findings"] or [], x["details"] or [], strict=True))
        for number, x in found.items()
    }
    assert told["MMGFX-2023-005"]["编号缺号"] == "MMGFX-2023-003、MMGFX-2023-004"
    assert told["MMGFX-2023-005"]["文号缺号"] == "茂府规〔2023〕3号、茂府规〔2023〕4号"
    assert "编号缺号" not in told["MMGFX-2024-001"]
    assert told["MMGFX-2024-002"]["文号缺号"] == "茂民规〔2024〕1号"
    assert "编号格式" in told["没有编号"]
    assert told["MMGFX-2026-001"]["文号重复"] == "MMGFX-2024-001"


def test_a_term_longer_than_the_rule_allows_is_told() -> None:
    long = one(a_document("2024-001", expires_on="2034-06-30"))
    assert "有效期超限" in long["findings"]
    assert long["valid_until"] == "2034-06-30"


@pytest.mark.parametrize("step", ["consultation", "legality_review", "collective_decision"])
def test_without_every_step_nothing_is_public(step: str) -> None:
    """「未经公开征求意见、合法性审查、集体讨论的，不得发布施行」: neither the document, nor what is said of it, nor
    its number in another's chain."""
    missing = {
        "consultation": "未征求意见",
        "legality_review": "未进行",
        "collective_decision": None,
    }
    unfit = a_document("2024-001", replaces=["MMGFX-2022-001"], **{step: missing[step]})
    catalogue = load_catalogue()
    rows = pl.DataFrame([{n: unfit.get(n) for n in STANDARD.dtypes}], schema=STANDARD.dtypes)
    assert rows.filter(visible(STANDARD, "public")).is_empty()
    found = judged(a_document("2022-001"), unfit)
    assert found["MMGFX-2024-001"]["procedure"] == "欠缺"
    assert (found["MMGFX-2022-001"]["replaced_by"], found["MMGFX-2022-001"]["status"]) == (
        None,
        "有效",
    )
    standard = catalogue.get(VALIDITY)
    told = pl.DataFrame(
        [{n: x.get(n) for n in standard.dtypes} for x in found.values()], schema=standard.dtypes
    )
    shown = view_frame(standard, told.filter(visible(standard, "public")), "public")
    assert shown["registration_no"].to_list() == ["MMGFX-2022-001"]
    assert "2024-001" not in str(shown.to_dicts())
    assert not {"findings", "details", "procedure", "declared_status"} & set(shown.columns)


def test_the_analysis_says_what_changes_by_itself(place: Place, computed: Computed) -> None:
    put(
        place.engine,
        DATASET,
        [a_document("2022-001"), a_document("2022-002", expires_on="2026-12-31")],
    )
    rows = computed("documents", VALIDITY)
    assert rows["status"].to_list() == ["有效", "有效"]
    assert computed("documents", VALIDITY, DAY + timedelta(days=1))["_changed"][0] == 0
    after = computed("documents", VALIDITY, date(2027, 1, 1)).sort("registration_no")
    assert after["status"].to_list() == ["有效", "失效"]
    assert after["_changed"][0] == 1
    soon = showing.expiring(rows, DAY, 90)
    assert soon["registration_no"].to_list() == ["MMGFX-2022-002"]


def test_with_a_policy_the_public_sees_it_without_anybody(
    place: Place, computed: Computed
) -> None:
    with write(place.engine) as connection:
        for person, role in (("wang", "reviewer"), ("li", "approver")):
            grant(connection, person, "justice", role, "tests")
        told = Proposal(
            VALIDITY, "justice", {"procedure": ["齐备"]}, "按期失效", "国办发〔2018〕37号", DAY
        )
        number = propose(connection, place.catalogue.get(VALIDITY), told, "wang")
        approve_policy(connection, number, "li")
    put(place.engine, DATASET, [a_document("2022-001", expires_on="2026-12-31"),
                                a_document("2022-002", legality_review="未进行", legality_review_no=None)])  # fmt: skip
    states = []
    for day in (DAY, date(2027, 1, 1)):
        computed("documents", VALIDITY, day)
        with place.engine.connect() as connection:
            query = select(disclosure.c.key, disclosure.c.state).join(
                dataset, dataset.c.id == disclosure.c.dataset_id
            )
            found = connection.execute(query.where(dataset.c.name == VALIDITY)).all()
            states.append(dict(map(tuple, found)))
    assert states[0]["MMGFX-2022-001"] == states[1]["MMGFX-2022-001"] == "approved"
    assert states[1]["MMGFX-2022-002"] == "refused"


def test_what_leads_into_a_circle_is_still_replaced() -> None:
    found = judged(
        a_document("2021-001"),
        a_document("2022-001", replaces=["MMGFX-2021-001", "MMGFX-2023-001"]),
        a_document("2023-001", replaces=["MMGFX-2022-001"]),
    )
    old = found["MMGFX-2021-001"]
    assert (old["status"], old["replaced_by"], old["in_force"]) == (
        "废止", "MMGFX-2022-001", "MMGFX-2022-001",
    )  # fmt: skip
    circular = [n for n, one in found.items() if "循环引用" in (one["findings"] or [])]
    assert circular == ["MMGFX-2022-001", "MMGFX-2023-001"]


def test_an_amended_document_is_itself_until_another_replaces_it() -> None:
    amended = a_document(
        "2022-001", status="修改", repealed_by="茂府规〔2023〕1号", repealed_on="2023-07-01"
    )
    amending = a_document("2023-001")
    only = judged(amended, amending)["MMGFX-2022-001"]
    assert (only["status"], only["replaced_by"], only["in_force"]) == (
        "修改",
        None,
        "MMGFX-2022-001",
    )
    later = a_document("2024-001", replaces=["MMGFX-2022-001"])
    then = judged(amended, amending, later)["MMGFX-2022-001"]
    assert (then["status"], then["replaced_by"], then["since"]) == (
        "废止", "MMGFX-2024-001", "2024-07-01",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("《关于印发〈第一办法〉的通知》", [1]),
        ("茂府规〔2022〕1号、茂府规〔2022〕2号", [1, 2]),
        ("茂府规〔2022〕1号文件和茂府规〔2022〕3号", [1, 3]),
        ("MMGFX-2022-001；MMGFX-2022-002", [1, 2]),
        ("《第二办法》、《第三办法》", [2, 3]),
        ("《第二办法》《第三办法》", [2, 3]),
        ("《第二办法》（茂府规〔2022〕2号），《第三办法》和《关于印发《第一办法》的通知》", [1, 2, 3]),
        ("被茂府规[2022]1号废止，自2026年1月1日起", [1]),
        ("根据《第三办法》废止", [3]),
    ],
)  # fmt: skip
def test_the_documents_that_words_name(words: str, meant: list[int]) -> None:
    titles = {1: "关于印发《第一办法》的通知", 2: "第二办法", 3: "第三办法"}
    found = judged(
        *(a_document(f"2022-{n:03}", title=title) for n, title in titles.items()),
        a_document("2024-001", replaces=[words]),
    )
    replaced = [number for number, one in found.items() if one["replaced_by"]]
    assert replaced == [f"MMGFX-2022-{n:03}" for n in meant]
    assert "引用不存在" not in (found["MMGFX-2024-001"]["findings"] or [])


def test_of_several_names_those_that_nobody_has_are_told() -> None:
    (told,) = judged(
        a_document("2024-001", replaces=["《甲办法》、茂府规〔2011〕9号，现予废止"])
    ).values()
    assert told["details"][told["findings"].index("引用不存在")] == "《甲办法》；茂府规〔2011〕9号"


def test_what_isn_t_in_force_yet_isn_t_the_document_in_force() -> None:
    assert one(a_document("2027-001"))["in_force"] is None


def test_the_public_learns_what_was_cleaned_and_by_what() -> None:
    """清理结果: what was repealed, declared void or amended, the latest first."""
    told = [
        a_document("2020-001", status="废止", repealed_by="茂府规〔2025〕1号", repealed_on="2025-03-01"),
        a_document("2021-001", status="宣布失效", repealed_by="茂府规〔2025〕1号", repealed_on="2025-04-01"),
        a_document("2022-001", status="修改", repealed_by="茂府规〔2025〕1号"),
        a_document("2025-001"),
    ]  # fmt: skip
    standard = load_catalogue().get(VALIDITY)
    rows = pl.DataFrame(
        [{n: x.get(n) for n in standard.dtypes} for x in judged(*told).values()],
        schema=standard.dtypes,
    )
    assert showing.cleaned(rows)["registration_no"].to_list() == [
        "MMGFX-2021-001", "MMGFX-2020-001", "MMGFX-2022-001",
    ]  # fmt: skip
    shown = view_frame(standard, rows.filter(visible(standard, "public")), "public")
    states = shown.select("status", "ended_by").rows()[:3]
    assert states == [(one["status"], "茂府规〔2025〕1号") for one in told[:3]]


def test_a_later_replacement_brings_nothing_back() -> None:
    documents = (
        a_document("2020-001"),
        a_document("2024-001", effective_on="2024-03-01", replaces=["MMGFX-2020-001"]),
        a_document(
            "2026-001", effective_on="2027-01-01", replaces=["MMGFX-2020-001", "MMGFX-2024-001"]
        ),
    )
    for day in (date(2026, 12, 1), date(2027, 6, 1)):
        old = judged(*documents, day=day)["MMGFX-2020-001"]
        assert (old["status"], old["since"]) == ("废止", "2024-03-01")
    now = judged(*documents, day=date(2026, 12, 1))
    assert now["MMGFX-2024-001"]["status"] == "有效"
    assert (
        judged(*documents, day=date(2027, 6, 1))["MMGFX-2020-001"]["in_force"] == "MMGFX-2026-001"
    )


def test_the_one_in_force_may_stand_before_the_end_of_the_chain() -> None:
    found = judged(
        a_document("2020-001"),
        a_document("2024-001", effective_on="2024-03-01", replaces=["MMGFX-2020-001"]),
        a_document("2026-001", effective_on="2027-01-01", replaces=["MMGFX-2024-001"]),
        day=date(2026, 12, 1),
    )
    assert found["MMGFX-2020-001"]["chain"] == ["MMGFX-2024-001", "MMGFX-2026-001"]
    assert found["MMGFX-2020-001"]["in_force"] == "MMGFX-2024-001"


def test_a_document_replaces_an_older_one_of_its_own_title() -> None:
    title = "茂名市烟花爆竹管理办法"
    found = judged(
        a_document("2022-001", title=title),
        a_document("2024-001", title=title, replaces=[f"《{title}》"]),
    )
    assert found["MMGFX-2022-001"]["replaced_by"] == "MMGFX-2024-001"
    assert found["MMGFX-2022-001"]["status"] == "废止"
