"""Warnings begin and end as events, and nothing of credit can be published."""

from __future__ import annotations

from datetime import date

import pytest

from hub import ledger
from hub.credit import mailing, watches
from hub.credit.versions import in_force
from hub.credit.watches import of_person
from hub.database import write
from hub.publishing import publish_all
from tests.credit.city import (
    CLASS,
    DAY,
    MARKET,
    PENALTY,
    WARNING,
    Place,
    company,
    complaint,
    compute,
    penalty,
    put,
    said,
)


def events(place: Place) -> list[tuple[str, str, str | None, int]]:
    rows = said(place, WARNING).sort("began_on", "rule").to_dicts()
    return [(r["rule"], r["began_on"], r["ended_on"], len(r["records"])) for r in rows]


def test_an_event_begins_goes_on_ends_and_begins_again(place: Place) -> None:
    put(place.engine, MARKET, [company(1)])
    put(place.engine, "complaint_report", [complaint(n, 1) for n in range(5)])
    compute(place, date(2026, 11, 10))
    assert events(place) == [("complaints_many", "2026-11-10", None, 5)]
    put(place.engine, "complaint_report", [complaint(5, 1)])
    compute(place, date(2026, 11, 11))  # what holds it up is told, and its first day stays
    assert events(place) == [("complaints_many", "2026-11-10", None, 6)]
    put(place.engine, "complaint_report", [], [complaint(n, 1) for n in range(2)])
    compute(place, date(2026, 11, 20))
    assert events(place) == [("complaints_many", "2026-11-10", "2026-11-20", 6)]
    put(place.engine, "complaint_report", [complaint(0, 1)])
    compute(place, date(2026, 11, 20))  # on the same day
    put(place.engine, "complaint_report", [complaint(1, 1)])
    compute(place, date(2026, 11, 25))
    assert events(place) == [
        ("complaints_many", "2026-11-10", "2026-11-20", 6),
        ("complaints_many", "2026-11-20", None, 6),
    ]
    compute(place, date(2027, 5, 5))
    assert events(place)[-1][2] is None
    compute(place, date(2027, 5, 6))  # six months after the complaints were accepted
    assert events(place)[-1][2] == "2027-05-06"


def test_levels_of_a_serious_case(place: Place) -> None:
    put(place.engine, MARKET, [company(1)])
    put(place.engine, PENALTY, [penalty(n, 1, penalty_kinds=["吊销许可证件"]) for n in range(3)])
    compute(place)
    found = {r["rule"]: r for r in said(place, WARNING).to_dicts()}
    assert {(r["rule"], r["level"]) for r in found.values()} == {
        ("class_serious", "限制"),
        ("penalised_repeatedly", "警示"),
    }
    assert found["class_serious"]["reason"] == "信用分类为 D 级（6 条记录，分类 D）"
    put(place.engine, MARKET, [company(1, reg_state="注销")])
    compute(place)
    assert set(said(place, WARNING)["ended_on"]) == {str(DAY)}


def test_nothing_of_it_can_be_published(place: Place) -> None:
    put(place.engine, MARKET, [company(1)])
    put(place.engine, PENALTY, [penalty(n, 1) for n in range(9)])
    compute(place)
    for name in (CLASS, WARNING):
        standard = place.catalogue.get(name)
        assert not standard.public
        assert {field.tier for field in standard.fields.values()} == {"government"}
        assert list(standard.fields_for("public")) == list(standard.fields_for("industry")) == []
        with place.engine.connect() as connection:
            assert ledger.head_seq(connection, name) > 0
    assert publish_all(place.site, place.engine, place.catalogue, [CLASS, WARNING]) == {}
    assert not list(place.site.releases.rglob("*credit*"))


def test_watches_tell_what_is_new_of_what_was_asked(place: Place) -> None:
    with write(place.engine) as connection:
        rules = in_force(connection, DAY)
        watches.watch(connection, rules, "zhao", {"levels": ["提示"], "divisions": ["440983"]})
        watches.watch(connection, rules, "qian", {"industries": ["H"]})
    put(place.engine, MARKET, [company(1), company(2, industry_section="H")])
    tickets = [complaint(n, 1 + n % 2) for n in range(10)]
    put(place.engine, "complaint_report", tickets)
    compute(place)
    assert told(place, "zhao") == {company(1)["uscc"], company(2)["uscc"]}
    assert told(place, "qian") == {company(2)["uscc"]}
    with write(place.engine) as connection:
        watches.read(connection, "zhao", ledger.head_seq(connection, WARNING))
    assert told(place, "zhao") == set()
    put(place.engine, "complaint_report", [], [tickets[0]])
    put(place.engine, "complaint_report", [], [tickets[2]])
    compute(place, date(2026, 12, 1))
    assert told(place, "zhao") == {company(1)["uscc"]}  # it ended
    with write(place.engine) as connection:
        (one,) = of_person(connection, "zhao")
        watches.end(connection, one.number, "zhao")
        assert of_person(connection, "zhao") == []


def told(place: Place, person: str) -> set[str]:
    with place.engine.connect() as connection:
        (one,) = of_person(connection, person)
        found = watches.news(place.site, connection, place.catalogue, one, one.read_seq)
    return set(found["subject"])


def test_letters_name_nobody(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setenv("HUB_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setattr(
        "hub.mail.send", lambda address, message: sent.append((address, message.as_string()))
    )
    with write(place.engine) as connection:
        rules = in_force(connection, DAY)
        watches.watch(connection, rules, "zhao", {}, "zhao@maoming.gov.cn", "en")
        assert mailing.enqueue(connection) == []  # nothing is new
    put(place.engine, MARKET, [company(1)])
    put(place.engine, "complaint_report", [complaint(n, 1) for n in range(6)])
    compute(place)
    with write(place.engine) as connection:
        assert len(mailing.enqueue(connection)) == 1
    assert mailing.send_all(place.site, place.engine) == 1
    ((address, letter),) = sent
    assert address == "zhao@maoming.gov.cn"
    assert "Credit warnings: 1 new" in letter
    assert company(1)["uscc"] not in letter
    assert mailing.send_all(place.site, place.engine) == 0  # once


def test_a_letter_that_did_not_go_is_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SMTP_URL", "smtp://127.0.0.1:9")
    with write(place.engine) as connection:
        rules = in_force(connection, DAY)
        watches.watch(connection, rules, "zhao", {}, "zhao@maoming.gov.cn")
    put(place.engine, MARKET, [company(1)])
    put(place.engine, "complaint_report", [complaint(n, 1) for n in range(6)])
    compute(place)
    assert mailing.send_all(place.site, place.engine) == 0  # nobody listens there
    with write(place.engine) as connection:
        assert len(mailing.enqueue(connection)) == 1
