"""Several converters one after the other, columns put together, and defaults, in a whole batch."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from adapters.artefact import Store
from adapters.converters import CONVERTERS
from adapters.mapping import Normaliser, normalise
from adapters.pull import pull, read
from adapters.way import Stages, lay_way
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue import Issue, issues_of
from tests.adapters.conftest import Desk

STANDARD = load_catalogue().get("market_entity")


def normalised(desk: Desk, content: str, **fields: Any) -> tuple[pl.DataFrame, list[Issue]]:
    feed = desk.feed(content, fields={"subject_name": "a", **fields})
    raw = list(read(feed, pull(feed, Store(desk.folder)).artefact))
    done = [normalise(feed, STANDARD, batch) for batch in raw]
    issues = pl.concat([batch.issues for batch in done])
    return pl.concat([batch.rows for batch in done]), [
        issue for issue in issues_of(issues) if issue.code != "column_unknown"
    ]


def column(desk: Desk, cells: list[str], field: str, rule: Any) -> tuple[list[Any], list[Issue]]:
    content = "a,b\n" + "".join(f'甲,"{cell}"\n' for cell in cells)
    rows, issues = normalised(desk, content, **{field: rule})
    return rows[field].to_list(), issues


def test_steps_in_order(desk: Desk) -> None:
    steps = [
        "trim", "half_width", {"null_words": ["暂无"]}, {"before": {"marks": ["至", "~"], "otherwise": "keep"}},
        {"replace": {"pattern": "^(签发)?日期:", "with": ""}}, "date",
    ]  # fmt: skip
    cells = [
        "签发日期：2023/10/12 至长期",
        "２０２３．１０．１２~x",
        "暂无",
        "",
        "日期：二〇二三年十月十二日",
    ]
    values, issues = column(desk, cells, "established_on", {"from": "b", "convert": steps})
    assert values == ["2023-10-12", "2023-10-12", None, None, "2023-10-12"]
    assert issues == []


def test_the_issue_names_the_step_that_failed_and_what_it_was_given(desk: Desk) -> None:
    steps = [{"after": "自"}, {"extract": "^(.*?)起?$"}, {"before": "止"}, "date"]
    cells = ["自2023-01-05止", "起于2023-01-05", "自2023-01-05起", "自元旦止", ""]
    values, issues = column(desk, cells, "established_on", {"from": "b", "convert": steps})
    assert values == ["2023-01-05", None, None, None, None]
    assert [(i.code, i.line, i.value, i.params["step"], i.params["found"]) for i in issues] == [
        ("step_unreadable", 3, "起于2023-01-05", "after", "起于2023-01-05"),
        ("step_unreadable", 4, "自2023-01-05起", "before", "2023-01-05"),
        ("step_unreadable", 5, "自元旦止", "date", "元旦"),
    ]
    for issue in issues:
        step = CONVERTERS[issue.params["step"]]
        assert step.accepts.en in issue.message("en") and step.accepts.zh in issue.message("zh_CN")


def test_a_single_converter_fails_as_ever(desk: Desk) -> None:
    _, issues = column(desk, ["昨天"], "established_on", "b")
    assert [(i.code, i.value, dict(i.params)) for i in issues] == [("date_unreadable", "昨天", {})]
    _, issues = column(desk, ["A"], "district", {"from": "b", "convert": "part", "number": 2})
    assert [i.message("zh_CN") for i in issues] == [
        f"第 2 行 district A 无法识别；应为：{CONVERTERS['part'].accepts.zh}"
    ]


def test_a_single_step_may_stand_with_its_options_beside_it(desk: Desk) -> None:
    for rule in (
        {"from": "b", "convert": "extract", "pattern": "^([0-9]+)"},
        {"from": "b", "convert": [{"extract": {"pattern": "^([0-9]+)"}}]},
        {"from": "b", "convert": [{"extract": "^([0-9]+)"}]},
        {"from": "b", "convert": ["trim", "extract"], "pattern": "^([0-9]+)"},
    ):
        assert column(desk, ["12号"], "district", rule)[0] == ["12"]


def test_columns_put_together(desk: Desk) -> None:
    content = "a,区,街道,门牌\n甲,茂南区,官渡街道, 1号\n乙,,官渡街道,\n丙,,,\n"
    rows, issues = normalised(
        desk, content,
        domicile={"from": ["区", "街道", "门牌"], "join": ""},
        district={"from": ["区", "街道", "门牌"], "convert": [{"join": "/"}, "upper"]},
        city={"expression": "茂名市{区}{街道}{{{门牌}}}"},
        province={"from": ["区", "街道", "门牌"]},
        reg_authority={"expression": "{区}局", "convert": [{"replace": {"pattern": "区局", "with": "分局"}}]},
    )  # fmt: skip
    assert issues == []
    assert rows["domicile"].to_list() == ["茂南区官渡街道1号", "官渡街道", None]
    assert rows["district"].to_list() == ["茂南区/官渡街道/1号", "官渡街道", None]
    assert rows["city"].to_list() == ["茂名市茂南区官渡街道{1号}", "茂名市官渡街道{}", None]
    assert rows["province"].to_list() == ["茂南区", "官渡街道", None]
    assert rows["reg_authority"].to_list() == ["茂南分局", None, None]


def test_the_cells_of_several_columns_are_all_shown(desk: Desk) -> None:
    rule = {"from": ["年", "月"], "join": "-", "convert": "date"}
    _, issues = normalised(desk, "a,年,月\n甲,2023,13\n", established_on=rule)
    assert [(i.code, i.value) for i in issues] == [("date_unreadable", "2023 | 13")]


def test_defaults_are_taken_where_there_is_nothing_and_told_once(desk: Desk) -> None:
    cells = ["", "2020-01-01", "昨天", " ", "暂无"]
    rule = {"from": "b", "convert": [{"null_words": ["暂无"]}, "date"], "default": "1900-01-01"}
    values, issues = column(desk, cells, "established_on", rule)
    assert values == ["1900-01-01", "2020-01-01", None, "1900-01-01", "1900-01-01"]
    assert [(i.code, i.line, i.value, i.severity) for i in issues] == [
        ("step_unreadable", 4, "昨天", "error"), ("default_taken", 2, "1900-01-01", "info"),
    ]  # fmt: skip
    assert issues[1].params["count"] == "3"


@pytest.mark.parametrize(
    ("field", "default"),
    [
        ("district", "不详"),
        ("long_term", False),
        ("former_names", ["无"]),
        ("registered_capital", "0"),
    ],
)
def test_defaults_of_every_kind(desk: Desk, field: str, default: Any) -> None:
    values, issues = column(desk, [""], field, {"from": "b", "default": default})
    assert values == [default]
    assert [issue.code for issue in issues] == ["default_taken"]
    assert column(desk, [""], field, "b") == ([None], [])


def test_a_name_means_what_it_meant_on_the_records_day(desk: Desk) -> None:
    content = "a,区划,日期\n甲,茂港区,2013年5月1日\n乙,茂港区,2020-01-01\n丙,茂港区,\n丁,海曙区,2020-01-01\n"
    rule = {"from": "区划", "convert": "division", "as_of": "日期"}
    rows, issues = normalised(desk, content, domicile_division=rule, established_on="日期")
    assert rows["domicile_division"].to_list() == ["440903", "440904", "440904", None]
    assert [(i.line, i.code, i.value) for i in issues] == [(5, "division_unknown", "海曙区")]
    listed = {"from": "区划", "convert": [{"before": {"marks": "区", "otherwise": "keep"}},
              {"replace": {"pattern": "$", "with": "区"}}, {"division": {"as_of": "日期"}}]}  # fmt: skip
    rows, _ = normalised(desk, content, domicile_division=listed, established_on="日期")
    assert rows["domicile_division"].to_list()[:2] == ["440903", "440904"]


def test_items_results_and_limits_in_one_cell(desk: Desk) -> None:
    standard = load_catalogue().get("food_sampling_result")
    feed = desk.feed(
        "编号,不合格项目\n1,菌落总数║1.2×10⁵;1.3×10⁵║≤10⁴\n2,标签\n", standard="food_sampling_result",
        fields={
            "sample_no": "编号",
            "item_name": {"from": "不合格项目", "convert": [{"part": {"number": 1}}]},
            "results": {"from": "不合格项目", "convert": [{"part": {"number": 2, "otherwise": "null"}}, "split"]},
            "standard_value": {"from": "不合格项目", "convert": "part", "number": 3},
        },
    )  # fmt: skip
    raw = next(iter(read(feed, pull(feed, Store(desk.folder)).artefact)))
    done = normalise(feed, standard, raw)
    assert done.rows["item_name"].to_list() == ["菌落总数", "标签"]
    assert done.rows["results"].to_list() == [["1.2×10⁵", "1.3×10⁵"], None]
    assert done.rows["standard_value"].to_list() == ["≤10⁴", None]
    assert [(i.field, i.line) for i in issues_of(done.issues)] == [("standard_value", 3)]


def test_one_converter_builds_what_it_always_built(desk: Desk) -> None:
    """Whatever steps bring, a rule without them costs nothing more."""
    feed = desk.declare(
        fields={
            "established_on": "c",
            "registered_capital": {"from": "d", "convert": "amount_wan"},
        }
    )
    for name, rule in feed.fields.items():
        stages = Stages()
        way = lay_way(feed, STANDARD.fields[name], rule, frozenset(), stages)
        told = json.dumps(["narrow", rule.columns[0]])
        assert [list(stage) for stage in stages.columns] == [[told]]
        converter = CONVERTERS["date" if name == "established_on" else "amount_wan"]
        assert way.value.meta.eq(converter.build([pl.col(told)], {}).value)
        assert way.given is not None and way.given.meta.eq(pl.col(told).is_not_null())


def test_what_is_rewritten_comes_into_its_own_rows(desk: Desk) -> None:
    """Rows that are read at once and rows that are read again, in every mixture."""
    feed = desk.declare(fields={"subject_name": "a", "established_on": "b"})
    pairs = [
        ("2023-10-12", "2023-10-12"),
        ("二〇二三年十月十二日", "2023-10-12"),
        ("x", None),
        (None, None),
    ]
    days = [pairs[(7 * k + k // 3) % 4] for k in range(200)]
    raw = pl.DataFrame({LINE: range(200), "a": ["甲"] * 200, "b": [told for told, _ in days]})
    done = Normaliser(feed, STANDARD).normalise(Batch(raw))
    assert done.rows["established_on"].to_list() == [value for _, value in days]
    assert done.issues["line"].to_list() == [k for k, (told, _) in enumerate(days) if told == "x"]
