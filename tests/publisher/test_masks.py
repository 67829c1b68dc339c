"""Masks: what each rule leaves of a value."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.masks import RULES


def masked(rule: str, value: str | None) -> str | None:
    frame = pl.DataFrame({"value": [value]}, schema={"value": pl.String})
    return frame.select(RULES[rule](pl.col("value"))).item()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张某"), ("张三丰", "张某某"), ("欧阳修", "欧阳某"), ("欧阳娜娜", "欧阳某某"),
        ("欧阳", "欧某"), ("司马相如", "司马某某"), ("张 三", "张某"), ("张　三丰", "张某某"),
        ("阿不都·热依木", "阿某某"), ("王", "某"), ("", ""), (None, None), ("李四、王五六", "李某、王某某"),
        ("李四,诸葛亮；赵云", "李某、诸葛某、赵某"), ("John Smith", "J某某"), ("𠮷田太郎", "𠮷某某"),
    ],
)  # fmt: skip
def test_person_names(name: str | None, shown: str | None) -> None:
    assert masked("person_name", name) == shown


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_at_most_the_surname_of_a_name_is_left(name: str) -> None:
    shown = masked("person_name", name)
    assert shown is not None
    for part in shown.split("、"):
        assert len(part.rstrip("某")) <= 2
        assert len(part) <= 4


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812348000", "138****8000"), ("138 1234 8000", "138****8000"),
        ("+86-138-1234-8000", "138****8000"), ("１３８１２３４８０００", "138****8000"),
        ("0668-2812345", None), ("12345", None), ("13812348000转3", None), (None, None), ("", None),
    ],
)  # fmt: skip
def test_phones(number: str | None, shown: str | None) -> None:
    assert masked("phone", number) == shown


@pytest.mark.parametrize("rule", ["id_number", "account", "removed"])
@pytest.mark.parametrize("value", ["440981199001011234", "x", "", None])
def test_some_things_leave_nothing(rule: str, value: str | None) -> None:
    assert masked(rule, value) is None


@pytest.mark.parametrize(
    ("number", "shown"),
    [("6222021234567890123", "****0123"), ("6222 0212 3456 7890", "****7890"), ("1234", None)],
)
def test_the_end_of_an_account(number: str, shown: str | None) -> None:
    assert masked("account_tail", number) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("广东省茂名市茂南区油城路1号", "广东省茂名市茂南区"), ("茂名市高州市石鼓镇石鼓村12号", "茂名市高州市"),
        ("高州市石鼓镇", "高州市"), ("茂名市电白区水东镇新湖街93号", "茂名市电白区"), ("广东省", "广东省"),
        ("电白县水东镇东阳街", "电白县"), ("高州市金山小区3栋", "高州市"), ("茂南区光华北路碧桂园", "茂南区"),
        ("广西壮族自治区南宁市青秀区民族大道", "广西壮族自治区南宁市青秀区"), ("北京市海淀区中关村", "北京市海淀区"),
        ("新疆维吾尔自治区伊犁哈萨克自治州伊宁市解放路", "新疆维吾尔自治区伊犁哈萨克自治州伊宁市"),
        ("内蒙古自治区锡林郭勒盟正蓝旗上都镇", "内蒙古自治区锡林郭勒盟正蓝旗"), ("上海市浦东新区世纪大道100号", "上海市浦东新区"),
        ("石鼓镇石鼓村", None), ("油城路1号", None), ("", None), (None, None), ("茂名市 茂南区 河东", "茂名市茂南区"),
        ("海南省白沙黎族自治县牙叉镇", "海南省白沙黎族自治县"), ("高州市城区沿江路", "高州市城区"), ("高州市海华名园C区5号", "高州市"), ("高州市融佳建材市场", "高州市"), ("茂名市场", None), ("阳春市春城红旗路53号", "阳春市"),
        ("茂名市油城四路住宅区8栋", "茂名市"), ("高州市福田二区67幢", "高州市"), ("化州市河西街道上街社区", "化州市"), ("江门市新会区会城街道", "江门市新会区"),
    ],
)  # fmt: skip
def test_addresses_end_at_the_county(address: str | None, shown: str | None) -> None:
    assert masked("division_only", address) == shown


@given(st.text(st.sampled_from("广东省茂名市高州县区镇村路街小旗12号栋 "), max_size=20))
def test_nothing_finer_than_a_county_is_left(address: str) -> None:
    shown = masked("division_only", address)
    if shown is not None:
        assert "".join(address.split()).startswith(shown)
        assert not set(shown) & set("镇村路街号栋12")
