"""An industry organisation pulls its own records: of another's it learns nothing, not even the keys."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine

from hub.consumers.consumer import add_consumer
from hub.database import write
from tests.hub.exchange_hub import ask, entries_path
from tests.hub.ledger_data import made, put

MEMBERS, BLACKLIST = "member_credit_record", "industry_blacklist"
OWN, OTHER = "51440900MJ0001010D", "51440900MJ0001029A"


def event(org: str, number: int) -> dict[str, Any]:
    return {
        "org_uscc": org, "member_uscc": f"91440902MA00000K0{number}", "member_name": f"会员{number}",
        "record_no": f"2026-{number:03}", "kind": "失信", "content": "电话13800138000，违约",
        "occurred_on": "2026-01-05", "recorded_on": "2026-01-06",
    }  # fmt: skip


def listing(org: str, level: str, number: int) -> dict[str, Any]:
    return {
        "entry_id": f"B{number}", "subject_name": "某某商行", "subject_type": "legal_or_unincorporated",
        "org_uscc": org, "org_name": "某某协会", "level": level, "conduct": "以次充好", "sanction": "通报",
        "reason_text": "以次充好", "listed_on": "2026-01-05", "list_authority": "某某协会",
    }  # fmt: skip


@pytest.fixture
def engine(database_url: str) -> Engine:
    return made(database_url)


def pulled(
    engine: Engine, dataset: str, audience: str, association: str | None
) -> list[dict[str, Any]]:
    with write(engine) as connection:
        name = f"{dataset} {audience} {association}"
        key = add_consumer(connection, name, audience, [dataset], association)
    text = ask(engine, entries_path(dataset), key).text
    return [json.loads(line) for line in text.splitlines()]


def test_another_associations_record_is_a_delete_with_a_pseudonym(engine: Engine) -> None:
    put(engine, MEMBERS, [event(OWN, 1), event(OTHER, 2)])
    own, other = pulled(engine, MEMBERS, "industry", OWN)
    assert (own["operation"], other["operation"]) == ("upsert", "delete")
    assert own["record"]["member_name"] == "会员1"
    assert own["record"]["content"] == "电话〔手机号略〕，违约"
    assert "record" not in other
    assert OTHER not in json.dumps(other)
    assert "91440902" not in json.dumps(other)
    assert [one["seq"] for one in (own, other)] == [1, 2]


def test_without_an_association_there_is_nothing(engine: Engine) -> None:
    put(engine, MEMBERS, [event(OWN, 1), event(OTHER, 2)])
    found = pulled(engine, MEMBERS, "industry", None)
    assert {one["operation"] for one in found} == {"delete"}


def test_the_government_has_all_of_them(engine: Engine) -> None:
    put(engine, MEMBERS, [event(OWN, 1), event(OTHER, 2)])
    found = pulled(engine, MEMBERS, "government", None)
    assert [one["record"]["org_uscc"] for one in found] == [OWN, OTHER]
    assert found[0]["record"]["content"] == "电话13800138000，违约"


def test_public_entries_of_others_stay_and_their_other_ones_are_gone(engine: Engine) -> None:
    told = [(OWN, "一般"), (OTHER, "一般"), (OTHER, "严重")]
    put(engine, BLACKLIST, [listing(org, level, n) for n, (org, level) in enumerate(told)])
    found = pulled(engine, BLACKLIST, "industry", OWN)
    assert [one["operation"] for one in found] == ["upsert", "delete", "upsert"]
    assert found[2]["record"]["org_uscc"] == OTHER
