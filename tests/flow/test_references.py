"""Records that name others: looked up in what the other dataset holds, told, and never rejected."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from adapters.declaration import load_feed
from adapters.feed import Feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue import Issue
from hub.current import current_fields
from hub.references import open_references
from hub.tables import issue
from tests.flow.conftest import FEEDS, Desk, row
from tests.hub.ledger_data import put

Rows = list[dict[str, Any]]


def penalties(desk: Desk, change: Callable[[Rows], Rows]) -> Feed:
    """The sample feed of penalties, with its rows changed."""
    for name in ("sample_penalties.yml", "penalties.json"):
        shutil.copy(FEEDS / "samples" / name, desk.folder / name)
    path = desk.folder / "penalties.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["data"]["rows"] = change(told["data"]["rows"])
    told["data"]["total"] = len(told["data"]["rows"])
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return load_feed(desk.folder / "sample_penalties.yml")


def companies(rows: Rows) -> Rows:
    """Of every company one row: what is accepted of the sample."""
    chosen = {r["CF_XDR_SHXYM"]: r for r in rows if str(r["CF_XDR_SHXYM"]).startswith("9144")}
    return list(chosen.values())


def entity(told: dict[str, Any], name: str | None = None) -> str:
    return row(1, 名称=name or told["CF_XDR_MC"], 代码=told["CF_XDR_SHXYM"])


def found(desk: Desk, code: str) -> list[Issue]:
    with desk.engine.connect() as connection:
        query = select(issue).where(issue.c.code == code).order_by(issue.c.line)
        rows = connection.execute(query).mappings().all()
    return [
        Issue(r["code"], r["line"], r["field"], r["value"], params=json.loads(r["params"]))
        for r in rows
    ]


def test_a_name_that_is_not_the_registers(desk: Desk) -> None:
    kept: Rows = []
    feed = penalties(desk, lambda rows: kept.extend(companies(rows)) or kept)
    first, second, *_ = kept
    desk.write(entity(first), entity(second, "茂名市登记名有限公司"))
    assert desk.run()["accepted"] == 2
    result = desk.run(feed)
    assert result["accepted"] > 2
    assert result["issues"]["reference_differs"] == 1
    (told,) = found(desk, "reference_differs")
    assert told.message() == (
        f"第 {told.line} 行 行政相对人名称 {second['CF_XDR_MC']}：商事主体登记信息中 "
        f"{second['CF_XDR_SHXYM']} 的企业名称为 茂名市登记名有限公司，请核对原件；"
        "如登记有误，请向市市场监督管理局提出更正"
    )
    assert "{" not in told.message("en")


def test_the_width_of_brackets_does_not_count(desk: Desk) -> None:
    feed = penalties(desk, lambda rows: [{**companies(rows)[0], "CF_XDR_MC": "茂名（甲）公司"}])
    told = json.loads((desk.folder / "penalties.json").read_text("utf-8"))["data"]["rows"][0]
    desk.write(entity(told, "茂名(甲) 公司"))
    desk.run()
    assert "reference_differs" not in desk.run(feed)["issues"]


def test_an_empty_dataset_is_not_looked_into(desk: Desk) -> None:
    result = desk.run(penalties(desk, companies))
    assert not [code for code in result["issues"] if code.startswith("reference_")]


@pytest.mark.parametrize("held", ["first", "now"])
def test_what_a_dataset_holds_now(desk: Desk, held: str) -> None:
    """Neither what was changed nor what is gone."""
    dtypes = {"uscc": load_catalogue().get("market_entity").dtypes["uscc"], "domicile": None}
    dtypes["domicile"] = dtypes["uscc"]
    desk.write(row(1), row(2), row(3))
    desk.run()
    if held == "now":
        desk.write(row(1), row(3, 地址="茂名市电白区"))
        desk.run(accept=True)
    with desk.engine.connect() as connection:
        current = current_fields(connection, "market_entity", dtypes)
        nothing = current_fields(connection, "administrative_penalty", dtypes)
    addresses = sorted(current["domicile"])
    assert (
        addresses == {"first": ["茂名市茂南区"] * 3, "now": ["茂名市电白区", "茂名市茂南区"]}[held]
    )
    assert nothing.is_empty()
    assert nothing.columns == ["uscc", "domicile"]


@pytest.mark.parametrize(
    ("part", "whole", "keys"),
    [("product_sampling_item", "product_sampling_result", ("sample_no",)),
     ("food_operator_inspection", "food_operator_credit", ("uscc", "stage"))],
)  # fmt: skip
def test_a_part_whose_whole_is_not_there_is_told(
    desk: Desk, part: str, whole: str, keys: tuple[str, ...]
) -> None:
    """Items tested belong to a sampling, inspections to the file of an operator."""
    parts, wholes = samples(part), samples(whole)
    of = lambda told: tuple(told[name] for name in keys)  # noqa: E731
    known = next(one for one in wholes if of(one) in set(map(of, parts)))
    put(desk.engine, whole, [known])
    result = desk.run(load_feed(FEEDS / "examples" / f"example_{part}.yml"))
    assert result["accepted"] > 2
    with desk.engine.connect() as connection:
        dtypes = {name: load_catalogue().get(part).dtypes[name] for name in keys}
        taken = current_fields(connection, part, dtypes).to_dicts()
    missing = [one for one in taken if of(one) != of(known)]
    assert 0 < len(missing) < len(taken)
    assert result["issues"]["reference_missing"] == len(missing)


def samples(dataset: str) -> Rows:
    """The valid samples of a standard."""
    path = load_catalogue().folders[dataset] / "samples" / "valid.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_every_declared_reference_can_be_opened(desk: Desk) -> None:
    """On a site without records; what they name is checked with the standards."""
    catalogue = load_catalogue()
    with desk.engine.connect() as connection:
        for dataset in catalogue.datasets():
            assert not open_references(connection, catalogue, catalogue.get(dataset)).lookups
