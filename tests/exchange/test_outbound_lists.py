"""Lists of the dishonest to the province, by a table that a site writes for itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.outbound.fake_province import running
from tests.exchange.outbound_site import CATALOGUE, a_city, json_way
from tests.hub.ledger_data import put

LISTS = ("quality_blacklist", "unfair_competition_list")


def a_table(dataset: str) -> dict[str, Any]:
    """What the two lists have in common, as a province might want it."""
    return {
        "table": "list", "title": {"zh": "失信名单", "en": "Dishonest"}, "dataset": dataset,
        "version": "1", "identity": ["MD_BH", "MD_WSH"],
        "columns": {
            "MD_BH": {"title": "名单编号", "length": 64, "required": True},
            "MD_WSH": {"title": "处罚文号", "length": 64, "required": True},
            "MD_MC": {"title": "主体名称", "length": 200, "required": True},
            "MD_DM": {"title": "统一社会信用代码", "length": 18},
            "MD_XW": {"title": "失信行为", "length": 4000, "required": True},
            "MD_RQ": {"title": "列入日期", "length": 10, "required": True},
        },
        "fields": {
            "MD_BH": "entry_id", "MD_WSH": "penalty_doc_no", "MD_MC": "subject_name", "MD_DM": "uscc",
            "MD_XW": {"from": "conduct", "cut": True}, "MD_RQ": {"from": "listed_on", "convert": "date"},
        },
    }  # fmt: skip


@pytest.mark.parametrize("dataset", LISTS)
def test_an_entry_of_a_list_arrives_and_leaves(tmp_path: Path, dataset: str) -> None:
    city = a_city(tmp_path, f"sqlite:///{tmp_path / 'hub.sqlite'}", datasets=[dataset])
    samples = CATALOGUE.folders[dataset] / "samples" / "valid.jsonl"
    entry = json.loads(samples.read_text("utf-8").splitlines()[0])
    put(city.engine, dataset, [entry])
    city.site.targets.mkdir(exist_ok=True)
    text = yaml.safe_dump(a_table(dataset), allow_unicode=True, sort_keys=False)
    (city.site.targets / "table-list.yml").write_text(text, encoding="utf-8")
    with running() as province:
        city.declare("p", json_way(province), dataset=dataset, table="table-list.yml")
        done = city.deliver("p")
        assert (done.taken, done.refused, done.held, done.error) == (1, 0, 0, None)
        (row,) = province.book.records.values()
        assert (row["MD_BH"], row["MD_MC"]) == (entry["entry_id"], entry["subject_name"])
        assert row["MD_RQ"] == entry["listed_on"].replace("-", "/")
        put(city.engine, dataset, [], [entry])
        assert city.deliver("p").taken == 1
        assert province.book.records == {}
