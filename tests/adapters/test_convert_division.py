"""Divisions from codes, names and addresses, as they were on a day."""

from __future__ import annotations

from typing import Any

import pytest

from tests.adapters.converting import convert


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("440902", "440902"), ("４４０９０２", "440902"), ("440902 001", "440902001"), ("440904001200", "440904001200"),
        ("440903", "440903"), ("330212", "330212"), ("810000", "810000"), ("440999", ...), ("999999", ...), ("4409", ...),
        ("茂南区", "440902"), ("茂名市", "440900"), ("广东省茂名市", "440900"), ("茂名市茂南区", "440902"),
        ("广东省高州市石鼓镇", "440981"), ("广东省 茂名市 电白区 水东镇1号", "440904"), ("茂名市油城四路", "440900"),
        ("茂名高新区", "440900"), ("茂名市高新区创业路", "440900"), ("茂港区", "440904"), ("电白县", "440904"),
        ("化州市鉴江区街道", "440982"), ("湖南省高州市", ...), ("浙江省宁波市海曙区", ...), ("天津市滨海新区", ...),
        ("不详", ...), ("", None),
    ],
)  # fmt: skip
def test_divisions_today(cell: str, code: object) -> None:
    assert convert("division", [cell], {}) == [code]


def test_a_name_means_what_it_meant_then() -> None:
    rows: list[Any] = [
        ("茂港区", "2013-05-01"), ("茂港区", "2015年5月1日"), ("茂名市电白县水东镇", "20100101"), ("高州县", "1990-01-01"),
        ("茂港区", ""), ("茂港区", "某日"), ("电白区", "2000-01-01"),
    ]  # fmt: skip
    assert convert("division", rows, {"as_of": "x"}) == [
        "440903", "440904", "440923", "440922", "440904", "440904", ...,
    ]  # fmt: skip


def test_options() -> None:
    cells = ["440904001200", "海曙区"]
    assert convert("division", cells, {"digits": 6}) == ["440904", ...]
    assert convert("division", cells, {"otherwise": "keep"}) == cells
    assert convert("division", cells, {"otherwise": "null"}) == ["440904001200", None]
