"""Delivery of the public's view: what releases have goes to the province, what they take back is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from hub import disclosures, publishing
from hub.consumers.consumer import consumer_named
from hub.database import write
from hub.exchange.receipts import ranges
from hub.grants.granting import apply_for
from hub.grants.tables import REVOKED, consumer_grant
from hub.grants.terms import Terms
from hub.outbound.fake_province import Province, running
from hub.outbound.job import enqueue
from hub.outbound.resetting import reset
from hub.outbound.still_held import issues, still_held
from hub.outbound.target import find_target
from hub.tables import job
from hub.tables_of_review import disclosure, holder_notice
from tests.exchange.outbound_site import (
    CONSUMER,
    City,
    a_city,
    a_decision,
    a_mans_decision,
    json_way,
)
from tests.hub.ledger_data import PENALTY
from tests.reviewing import appoint, release, withdraw


@pytest.fixture
def city(tmp_path: Path, database_url: str) -> City:
    made = a_city(tmp_path, database_url, audience="public")
    appoint(made.engine)
    return made


@pytest.fixture
def province() -> Iterator[Province]:
    with running() as one:
        yield one


def publish(city: City, *records: dict[str, Any], gone: tuple[dict[str, Any], ...] = ()) -> None:
    """The city says it, two people approve of it, and a release has it."""
    city.says(records, gone=gone)
    disclosures.refresh(city.engine, city.catalogue)
    release(city.engine, PENALTY)
    publishing.publish(city.site, city.engine, city.catalogue, PENALTY)


def take_back(city: City, number: str) -> None:
    withdraw(city.engine, PENALTY, "li", number)
    publishing.publish(city.site, city.engine, city.catalogue, PENALTY)


def at(province: Province) -> dict[str, str]:
    """What the province holds: number of the document → content."""
    return {one["CF_WSH"]: one["CF_NR"] for one in province.book.records.values()}


def due(city: City) -> int:
    """How many jobs the schedule queues for it; they are taken off again."""
    with write(city.engine) as connection:
        made = enqueue(connection, city.site, city.catalogue)
        connection.execute(job.delete().where(job.c.id.in_(made)))
    return len(made)


def number_of(city: City, document: str) -> str:
    with city.engine.connect() as connection:
        query = select(disclosure.c.record_id).where(disclosure.c.key.contains(document))
        return str(connection.scalar(query))


def unconfirmed(city: City) -> int:
    return len(city.rows(holder_notice, holder_notice.c.id, holder_notice.c.confirmed_at)) - len(
        [at for (at,) in city.rows(holder_notice, holder_notice.c.confirmed_at) if at]
    )


def test_releases_are_delivered_and_what_they_take_back_is_deleted(
    city: City, province: Province
) -> None:
    one, two, three = a_decision(1), a_decision(2), a_decision(3)
    city.declare("p", json_way(province), alarm_after_hours=1)
    city.says([one])
    assert city.deliver("p").looked == 0, "nobody approved anything"
    assert due(city) == 0
    publish(city, one, two, three)
    assert due(city) == 1, "a release is due before anybody brought the stream up to date"
    done = city.deliver("p")
    assert (done.taken, done.held, done.error) == (3, 0, None)
    assert due(city) == 0
    publish(city, {**two, "content": "罚款 1 元。"}, gone=(three,))
    assert due(city) == 1
    assert city.deliver("p").taken == 2
    assert set(at(province)) == {one["doc_no"], two["doc_no"]}
    assert at(province)[two["doc_no"]] == "罚款 1 元。"
    take_back(city, number_of(city, one["doc_no"]))
    assert due(city) == 1
    assert city.deliver("p").taken == 1
    assert set(at(province)) == {two["doc_no"]}
    assert [e[2] for e in province.book.effects] == ["I", "I", "I", "D", "U", "D"]
    desk = city.desk("p")
    with city.engine.connect() as connection:
        said = ranges(connection, desk.consumer.id, desk.view.id, 1, 100)
    assert [(r.first, r.last, r.state) for r in said] == [(1, 6, "taken")]


def test_a_new_target_gets_nothing_of_what_was_taken_back(city: City, province: Province) -> None:
    one, two = a_decision(1), a_decision(2)
    publish(city, one, two)
    take_back(city, number_of(city, one["doc_no"]))
    city.declare("q", json_way(province))
    assert city.deliver("q").taken == 1
    assert set(at(province)) == {two["doc_no"]}
    reset(city.desk("q"), 0)
    assert city.deliver("q").error is None
    assert all(one["doc_no"].encode() not in body for body in province.bodies)


def test_of_a_person_the_province_gets_what_the_public_sees(
    city: City, province: Province
) -> None:
    man = a_mans_decision(4)
    city.declare("p", json_way(province))
    publish(city, man)
    done = city.deliver("p")
    assert (done.taken, done.held) == (0, 1), "the public sees no number of a person's card"
    assert province.bodies == []
    hidden = ("CF_XDR_ZJLX", "CF_XDR_ZJHM", "CF_SY", "CF_NR")
    city.declare("p", json_way(province), fields={name: {"value": "不公开"} for name in hidden})
    assert due(city) == 1, "the mapping has changed"
    assert city.deliver("p").taken == 1
    assert man["cert_no"].encode() not in province.bodies[0]
    assert man["subject_name"].encode() not in province.bodies[0]


def test_a_record_taken_back_is_an_alarm_until_the_province_deleted_it(
    city: City, province: Province
) -> None:
    one = a_decision(1)
    city.declare("p", json_way(province), alarm_after_hours=1)
    publish(city, one)
    city.deliver("p")
    take_back(city, number_of(city, one["doc_no"]))
    target = find_target(city.site.targets, "p")
    later = datetime.now(UTC) + timedelta(hours=2)
    with city.engine.connect() as connection:
        (held,) = still_held(connection, target)  # while no round got to it
        assert held.why == "withdrawn"
        assert [issue.code for issue in issues(connection, target, later)] == ["target_still_held"]
    assert unconfirmed(city) == 1
    assert city.deliver("p").taken == 1
    with city.engine.connect() as connection:
        assert still_held(connection, target) == []
    assert unconfirmed(city) == 0, "its delete is its confirmation"
    publish(city, {**one, "content": "罚款 2 元。"})
    assert city.deliver("p").taken == 1
    assert at(province) == {one["doc_no"]: "罚款 2 元。"}


def test_a_record_approved_anew_is_no_alarm(city: City, province: Province) -> None:
    one = a_decision(1)
    city.declare("p", json_way(province))
    publish(city, one)
    city.deliver("p")
    take_back(city, number_of(city, one["doc_no"]))
    publish(city, {**one, "content": "罚款 2 元。"})
    assert unconfirmed(city) == 1
    with city.engine.connect() as connection:
        assert still_held(connection, find_target(city.site.targets, "p")) == []
    assert city.deliver("p").error is None
    assert at(province) == {one["doc_no"]: "罚款 2 元。"}


def test_a_grant_of_another_kind_of_view_needs_another_target(
    city: City, province: Province
) -> None:
    publish(city, a_decision(1), a_decision(2))
    city.declare("p", json_way(province))
    city.deliver("p")
    held = at(province)
    with write(city.engine) as connection:
        who = consumer_named(connection, CONSUMER)
        (old,) = who.grants
        mine = consumer_grant.c.id == old.id
        connection.execute(consumer_grant.update().where(mine).values(state=REVOKED))
        terms = Terms(PENALTY, "government", "省级监管", "双公示", today().isoformat())
        apply_for(connection, city.catalogue, who, terms, "管理员")
    publish(city, a_decision(3))
    with pytest.raises(Misdeclared) as error:
        city.deliver("p")
    assert error.value.issue.code == "target_other_view"
    assert at(province) == held
    city.declare("of_government", json_way(province))
    assert city.deliver("of_government").taken == 3
