"""From the ledger to the public: two people, bound to what they saw, and nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from adapters.feed import Feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Refused
from exchange_schemas.identifiers import resident_expected
from hub import disclosures, publishing, review, showing
from hub.chosen import Chosen
from hub.database import write
from hub.decisions import Reason
from hub.tables_of_review import disclosure
from publisher.erasing import KEPT
from publisher.release import Release
from tests.flow.conftest import HEADER, Desk, row
from tests.index_texts import searched_texts, shown_texts
from tests.reviewing import appoint, approve_all, desk_of, review_all

DATASET = "market_entity"
CATALOGUE = load_catalogue()
CANARY = "金丝雀"


def feed(desk: Desk) -> Feed:
    fields = {
        "subject_name": "名称",
        "uscc": "代码",
        "established_on": "成立日期",
        "registered_capital": {"from": "资本", "convert": "amount_wan"},
        "domicile": "地址",
        "phone": "电话",
    }
    return desk.feed(fields=fields)


def deliver(desk: Desk, *rows: str) -> None:
    """Rows with a telephone number, which only the government sees."""
    desk.write(*rows, header=HEADER + ",电话")
    appoint(desk.engine)
    assert desk.run(feed(desk), accept=True)["rejected"] == 0
    disclosures.refresh(desk.engine, load_catalogue())


def line(number: int, phone: str = "0668-2270000", **cells: str) -> str:
    return row(number, **cells) + f",{phone}"


def states(desk: Desk) -> dict[str, int]:
    with desk.engine.connect() as connection:
        found = review.listing(connection, DATASET)
    total: dict[str, int] = {}
    for one in found:
        total[one["state"]] = total.get(one["state"], 0) + one["records"]
    return total


def approve(desk: Desk, first: str, second: str) -> None:
    review_all(desk.engine, DATASET, first)
    approve_all(desk.engine, DATASET, second)


def publish(desk: Desk) -> Release:
    made = publishing.publish(desk.site, desk.engine, load_catalogue(), DATASET)
    assert made is not None
    return made


def records(release: Release) -> list[dict[str, Any]]:
    lines = (release.path / "records.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(one) for one in lines]


def only(desk: Desk) -> dict[str, Any]:
    with desk.engine.connect() as connection:
        (one,) = connection.execute(select(disclosure)).mappings()
        return dict(one)


def test_one_person_cannot_approve_twice_and_two_can(desk: Desk) -> None:
    deliver(desk, line(1), line(2))
    assert states(desk) == {"pending": 2}
    assert review_all(desk.engine, DATASET, "wang") == 2
    with pytest.raises(Refused) as caught:
        approve_all(desk.engine, DATASET, "wang")
    assert caught.value.issue.code == "same_person"
    assert states(desk) == {"reviewed": 2}
    assert approve_all(desk.engine, DATASET, "li") == 2
    assert states(desk) == {"approved": 2}


def test_the_database_itself_refuses_self_approval(desk: Desk) -> None:
    deliver(desk, line(1))
    review_all(desk.engine, DATASET, "wang")
    whole = {"approved_digest": disclosure.c.view_digest, "approved_seq": 1, "decision_id": 99}
    forged = {"state": "approved", "approved_by": "wang", **whole}
    with pytest.raises(IntegrityError), write(desk.engine) as connection:
        connection.execute(update(disclosure).values(forged))
    with pytest.raises(IntegrityError), write(desk.engine) as connection:
        connection.execute(update(disclosure).values(state="published", decision_id=99))
    assert states(desk) == {"reviewed": 1}
    with write(desk.engine) as connection:  # it is the person that was wrong, and nothing else
        connection.execute(update(disclosure).values({**forged, "approved_by": "li"}))


def test_an_approval_names_the_digest_that_was_seen(desk: Desk) -> None:
    deliver(desk, line(1))
    record = only(desk)["record_id"]
    with desk.engine.connect() as connection:
        shown = showing.record(connection, CATALOGUE, CATALOGUE.get(DATASET), record)
    assert shown["record"]["phone"] == "0668-2270000"
    assert "phone" not in shown["view"]
    wang = desk_of(desk.engine, DATASET, "wang")
    with pytest.raises(Refused) as caught:
        review.review(wang, Chosen((record,), digest="0" * 64))
    assert caught.value.issue.code == "digest_changed"
    assert review.review(wang, Chosen((record,), digest=shown["view_digest"])) == 1


def test_a_change_of_the_public_view_voids_approval_and_another_change_does_not(
    desk: Desk,
) -> None:
    deliver(desk, line(1))
    before = only(desk)
    approve(desk, "wang", "li")
    deliver(desk, line(1, phone="0668-2279999"))
    assert states(desk) == {"approved": 1}
    assert len(records(publish(desk))) == 1
    deliver(desk, line(1, 地址="茂名市电白区"))
    now = only(desk)
    assert (now["state"], now["reviewed_by"], now["approved_by"]) == ("pending", None, None)
    assert now["record_id"] == before["record_id"]
    assert records(publish(desk)) == []
    approve(desk, "zhao", "li")
    (record,) = records(publish(desk))
    assert (record["record_id"], record["domicile"]) == (before["record_id"], "茂名市电白区")


def reject(desk: Desk, actor: str) -> int:
    chosen = Chosen((only(desk)["record_id"],))
    why = Reason("business_secret", "商业秘密")
    return review.reject(desk_of(desk.engine, DATASET, actor), chosen, why)


def test_a_rejected_record_stays_out(desk: Desk) -> None:
    deliver(desk, line(1))
    record = only(desk)["record_id"]
    assert reject(desk, "wang") == 1
    assert only(desk)["why"] == "商业秘密"
    with pytest.raises(Refused) as caught:
        review_all(desk.engine, DATASET, "li", (record,))
    assert caught.value.issue.code == "state_wrong"
    with pytest.raises(Refused) as caught:
        review_all(desk.engine, DATASET, "li", ("0" * 16,))
    assert caught.value.issue.code == "record_unknown"
    assert publishing.publish(desk.site, desk.engine, load_catalogue(), DATASET) is None


def test_a_new_view_has_no_reason_and_no_release_of_the_old_one(desk: Desk) -> None:
    deliver(desk, line(1))
    reject(desk, "wang")
    deliver(desk, line(1, 地址="茂名市电白区"))
    assert (only(desk)["state"], only(desk)["why"]) == ("pending", None)
    approve(desk, "wang", "li")
    assert only(desk)["release"] is None
    assert publish(desk).number == only(desk)["release"] == 1
    deliver(desk, line(1, 地址="茂名市高州市"))
    assert (only(desk)["state"], only(desk)["release"]) == ("pending", None)


def test_a_stale_digest_approves_nothing(desk: Desk) -> None:
    deliver(desk, line(1))
    seen = only(desk)
    deliver(desk, line(1, 地址="茂名市电白区"))
    chosen = Chosen((seen["record_id"],), digest=seen["view_digest"].hex())
    with pytest.raises(Refused) as caught:
        review.review(desk_of(desk.engine, DATASET, "wang"), chosen)
    assert caught.value.issue.code == "digest_changed"
    assert only(desk)["reviewed_by"] is None


def digests(release: Release) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.path.glob("*.*"))
    }


def test_releases_are_numbered_and_keep_their_manifests_while_content_may_go(desk: Desk) -> None:
    deliver(desk, line(1), line(2), line(3))
    approve(desk, "wang", "li")
    first = publish(desk)
    kept = digests(first)
    assert publish(desk).number == first.number == 1
    deliver(desk, line(1), line(3))
    assert states(desk) == {"published": 2, "withdrawn": 1}
    second = publish(desk)
    assert second.number == 2
    assert second.counts["removed"] == 1
    assert len(records(second)) == 2
    left = digests(first)
    stay = set(KEPT) & set(kept)
    assert set(left) == {*stay, "erased.json"}
    assert {name: left[name] for name in stay} == {name: kept[name] for name in stay}


def test_what_was_taken_back_is_not_published_even_if_nobody_asked_since(desk: Desk) -> None:
    deliver(desk, line(1), line(2), line(3))
    approve(desk, "wang", "li")
    publish(desk)
    desk.write(line(1), line(3, 地址="茂名市电白区"), header=HEADER + ",电话")
    desk.run(feed(desk))  # as where the worker is killed before it refreshes the disclosures
    assert len(records(publish(desk))) == 1
    assert states(desk) == {"published": 1, "withdrawn": 1, "pending": 1}


def test_a_view_with_a_private_number_is_blocked(desk: Desk) -> None:
    body = "44090219900101001"
    number = body + resident_expected(pl.Series([body + "0"]))[0]
    deliver(desk, line(1), line(2, 地址=f"茂南区 身份证{number}"))
    assert states(desk) == {"blocked": 1, "pending": 1}
    approve(desk, "wang", "li")
    assert states(desk) == {"approved": 1, "blocked": 1}
    with desk.engine.connect() as connection:
        blocked = select(disclosure.c.record_id).where(disclosure.c.state == "blocked")
        record = str(connection.scalar(blocked))
    with pytest.raises(Refused) as caught:
        review_all(desk.engine, DATASET, "wang", (record,))
    assert caught.value.issue.code == "state_wrong"
    release = publish(desk)
    assert len(records(release)) == 1
    assert leaks(release, number) == []


def leaks(release: Release, *words: str) -> list[str]:
    """Files of a release that have one of the words, as bytes or once they are unpacked."""
    index = release.path / "internal" / "index.sqlite"
    unpacked = {
        "records.parquet": repr(pl.read_parquet(release.path / "records.parquet").rows()),
        "index.sqlite": repr([*shown_texts(index), *searched_texts(index)]),
    }
    return [
        path.name
        for path in release.path.rglob("*.*")
        for word in words
        if word.encode() in path.read_bytes() or word in unpacked.get(path.name, "")
    ]


def test_nothing_that_was_not_approved_is_in_any_file(desk: Desk) -> None:
    deliver(desk, line(1, phone=CANARY), line(2))
    approve(desk, "wang", "li")
    deliver(desk, line(1, phone=CANARY), line(2), line(3, 名称=f"{CANARY}有限公司"))
    release = publish(desk)
    assert len(records(release)) == 2
    assert leaks(release, CANARY, CANARY[:2], CANARY[1:]) == []  # the index has pairs
    approve(desk, "wang", "li")
    assert {"records.parquet", "index.sqlite"} <= set(leaks(publish(desk), CANARY))  # they'd show


def test_refresh_asks_only_once(desk: Desk) -> None:
    deliver(desk, line(1))
    assert disclosures.refresh(desk.engine, load_catalogue()) == {DATASET: 0}
    approve(desk, "wang", "li")
    assert disclosures.refresh(desk.engine, load_catalogue()) == {DATASET: 0}
    assert states(desk) == {"approved": 1}
