"""Amounts in words, in several units, and with their currency in front."""

from __future__ import annotations

import pytest

from tests.adapters.converting import convert

READ = {
    "壹万贰仟元整": "12000", "二千元": "2000", "贰万叁仟元整": "23000", "伍万美元": "50000", "三万": "30000",
    "人民币壹拾万柒仟元零伍角叁分": "107000.53", "人民币壹万元整(大写)": "10000", "（大写）叁佰圆正": "300",
    "￥12,000.00": "12000", "¥1.2万": "12000", "人民币：12000元": "12000", "￥500元人民币": "500",
    "美元5000": "5000", "RMB 12000": "12000", "2千元": "2000", "3百万元": "3000000", "5千万": "50000000",
    "1亿2000万元": "120000000", "2万5千元": "25000", "12元5角3分": "12.53", "五角": "0.5", "300万元整": "3000000",
    "1万零300元": ..., "12,000元整": "12000", "两万元": "20000",
}  # fmt: skip
REFUSED = [
    "二千", "5千", "一万五", "一二百元", "1万2", "百万元", "1亿20000万元", "12.5元3角", "1万3角", "元", "元角",
    "人民币", "大写", "300万元整整", "约300万", "12000元/次", "￥500美元", "人民币500港元", "￥", "3,0000000(万)",
    "0." + "9" * 32 + "万元", "九九九元", "壹万贰仟圆整元", "1" * 30 + "千元",
]  # fmt: skip


@pytest.mark.parametrize(("cell", "yuan"), READ.items())
def test_what_is_read(cell: str, yuan: str) -> None:
    assert convert("amount_yuan", [cell], {}) == [yuan]


@pytest.mark.parametrize("cell", REFUSED)
def test_what_is_not_well_formed_is_refused(cell: str) -> None:
    for name in ("amount_yuan", "amount_wan", "amount_wan_to_yuan", "amount_yuan_to_wan"):
        assert convert(name, [cell], {}) == [...]


def test_a_unit_in_the_cell_counts_more_than_the_converters() -> None:
    for name in ("amount_wan", "amount_yuan_to_wan"):
        assert convert(name, ["壹万贰仟元整", "三万", "￥100", "1亿2000万元"], {}) == [
            "1.2",
            "3",
            "0.01",
            "12000",
        ]


def test_a_currency_is_never_made_up() -> None:
    cells = [
        "三万",
        "5千万",
        "三万元",
        "￥5",
        "伍万美元",
        "港币5000",
        "9(万)",
        "5元3角",
        "￥500美元",
    ]
    assert convert("currency", cells, {}) == [
        None,
        None,
        "CNY",
        "CNY",
        "USD",
        "HKD",
        None,
        "CNY",
        None,
    ]
