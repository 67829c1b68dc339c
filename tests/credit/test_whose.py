"""Classes where it changes whose a record is, or what the register says of a subject: whole or in part, the same."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_schemas.days import today
from hub import ledger, people
from hub.analysis import computing as analyses
from hub.analysis.analyses import ANALYSES
from hub.credit import appeals, computing, kept_facts
from hub.credit.explaining import explain
from hub.database import write
from hub.subjects import index
from tests.analysis.test_subjects import code as right_code
from tests.credit.city import (
    CLASS,
    MARKET,
    PENALTY,
    Place,
    code,
    company,
    penalty,
    put,
    result,
    said,
)

NUMBER = "440902000000011"


def compute(place: Place, *names: str) -> None:
    chosen = [ANALYSES[name] for name in names or ("subjects", "credit")]
    analyses.compute(place.site, place.engine, chosen, day=today())


def forbidden(*_given: Any) -> Any:
    raise AssertionError("everything was computed")


def by_number(**more: Any) -> dict[str, Any]:
    """A fine that names its company by the registration number only."""
    return penalty(1, 1, **{"uscc": None, "reg_no": NUMBER, **more})


def test_what_the_register_says_now_is_in_the_classes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records of market_subject change with it, so that every record may be somebody else's."""
    first, second = (company(n, uscc=right_code(n)) for n in (1, 2))
    put(place.engine, MARKET, [first, second])
    compute(place)
    before = said(place, CLASS).to_dicts()
    monkeypatch.setattr(computing, "_whole", forbidden)
    words = {"subject_name": "信宜市新名商行", "division_code": "440981", "industry_code": "1811"}
    changed = {**first, **words, "domicile_division": words["division_code"]}
    put(place.engine, MARKET, [changed])
    with place.engine.connect() as connection:
        seq = ledger.head_seq(connection, "market_subject")
    compute(place)
    with place.engine.connect() as connection:
        assert ledger.head_seq(connection, "market_subject") > seq > 0
    assert said(place, CLASS).to_dicts() == [{**before[0], **words}, before[1]]


def test_classes_without_an_index_of_subjects_arent_computed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thrown away, the index is built first: without it the fine would be nobody's."""
    put(place.engine, MARKET, [company(1, reg_no=NUMBER)])
    put(place.engine, PENALTY, [by_number()])
    compute(place)
    assert result(place, 1)["integrity_score"] == 88
    before = index.read(place.site).building
    with place.engine.connect() as connection:
        assert analyses.due(place.site, connection, today()) == []
        index.forget(place.site, connection)
        due = [one.name for one in analyses.due(place.site, connection, today())]
    assert due[:2] == ["subjects", "credit"]
    monkeypatch.setattr(
        computing, "_part", forbidden
    )  # whose records are may be said otherwise now
    compute(place, "credit")
    assert result(place, 1)["integrity_score"] == 88
    kept, now = kept_facts.read(place.site), index.read(place.site)
    assert now.built and now.building != before
    assert kept is not None and kept.mark.subjects == now.building


def test_an_index_that_doesnt_count_isnt_gone_by(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where content is erased while it is built: the next computing does both."""
    put(place.engine, MARKET, [company(1)])
    with monkeypatch.context() as patch:
        patch.setattr(index.Index, "keep", lambda *_given: False)
        compute(place)
    assert said(place, CLASS).is_empty()
    compute(place, "credit")
    assert said(place, CLASS).height == 1


def test_an_appeal_stays_where_its_subject_gets_another_id(place: Place) -> None:
    put(place.engine, MARKET, [company(2)])
    put(place.engine, PENALTY, [by_number()])
    compute(place)
    (one,) = [row for row in said(place, CLASS).to_dicts() if row["subject"] != code(2)]
    assert one["subject"] == f"REG-{NUMBER}" and one["integrity_score"] == 88
    with write(place.engine) as connection:
        for name, role in (("zhao", "handler"), ("li", "approver")):
            people.grant(connection, name, "market_regulation", role, "tests")
        key = index.read(place.site).frame("mentions").filter(dataset=PENALTY)["key"][0]
        claim = appeals.Claim(one["subject"], PENALTY, key, "penalty_fine", "商行", "有误", "材料")
        calendar = place.catalogue.law().calendar
        number = appeals.take(connection, calendar, claim, "zhao")
        appeals.decide(connection, calendar, number, "exclude", "li", "属实")
    put(place.engine, MARKET, [company(1, reg_no=NUMBER)])  # the register tells whose number it is
    compute(place)
    assert result(place, 1)["integrity_score"] == 100
    with place.engine.connect() as connection:
        told = explain(place.site, connection, place.catalogue, code(1))
    assert [appeal["id"] for appeal in told.appeals] == [number]


def test_natural_persons_have_no_class(place: Place) -> None:
    put(place.engine, MARKET, [company(1)])
    person = penalty(1, 1, uscc=None, subject_name="陈某某", subject_type="natural")
    put(place.engine, PENALTY, [person])
    compute(place)
    put(place.engine, PENALTY, [{**person, "doc_no": "另号"}])
    compute(place)
    assert said(place, CLASS)["subject"].to_list() == [code(1)]
