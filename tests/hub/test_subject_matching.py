"""How well records without a code find their subject, on pairs made of the real registration files."""

from __future__ import annotations

import polars as pl
import pytest

from hub.subjects import names
from hub.subjects.matching import matched, prepared
from tests.hub.subjects_truth import FILES, LARGE, SMALL, measured

needs_files = pytest.mark.skipif(
    not FILES.is_dir(), reason="needs ../shared with the real registration files"
)


@needs_files
def test_few_links_are_wrong_and_few_are_missed() -> None:
    told = measured(SMALL, 3_000, 300)
    assert told["register"] > 9_000
    assert told["precision"] >= 0.99
    assert told["recall"] >= 0.95


@needs_files
@pytest.mark.slow
def test_the_same_of_a_national_register() -> None:
    told = measured(LARGE, 20_000, 2_000)
    print(told)
    assert told["register"] > 290_000
    assert told["precision"] >= 0.99
    assert told["recall"] >= 0.95


def plain(name: str) -> str:
    return str(pl.select(names.plain(pl.lit(name))).item())


@pytest.mark.parametrize(
    "other", ["红荔食品（茂名）有限责任公司", "红荔食品(茂名)有限公司", "红荔食品〔茂名〕有限公司", "红荔 食品（茂名）有限公司", "紅荔食品（茂名）有限公司"],
)  # fmt: skip
def test_ways_of_writing_are_one_name(other: str) -> None:
    assert plain(other).replace("紅", "红") == "红荔食品茂名有限公司"


def core(name: str) -> str:
    return str(pl.select(names.core(names.plain(pl.lit(name)))).item())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("茂名市茂南区红荔食品有限公司", "红荔食品"),
        ("广东省高州市红荔食品有限责任公司", "红荔食品"),
        ("茂名红荔市政工程有限公司", "红荔市政工程"),
        ("化州市橘红陈皮坊", "橘红陈皮坊"),
        ("茂名市", "茂名市"),
    ],
)
def test_what_tells_names_apart(name: str, expected: str) -> None:
    assert core(name) == expected


def a_row(node: str, name: str, **more: str) -> dict[str, str | None]:
    return {"node": node, "name": name, "rep": None, "division": None, "address": None, **more}


def links(lonely: dict[str, str | None], *coded: dict[str, str | None]) -> list[tuple[str, bool]]:
    schema = dict.fromkeys(("node", "name", "rep", "division", "address"), pl.String)
    found = matched(
        prepared(pl.DataFrame([lonely], schema=schema)),
        prepared(pl.DataFrame(list(coded), schema=schema)),
    )
    return list(found.select("coded", "automatic").iter_rows())


def test_a_branch_is_not_its_parent() -> None:
    parent = a_row("A", "茂名市红荔食品有限公司", rep="陈一", division="440902")
    branch = a_row("B", "茂名市红荔食品有限公司高州分公司", rep="陈一", division="440981")
    record = a_row("N", "茂名市红荔食品有限公司高州分公司", division="440981")
    assert links(record, parent, branch) == [("B", True)]
    assert ("A", True) not in links(record, parent)


def test_two_of_one_name_wait_for_a_person() -> None:
    twins = [
        a_row(n, "便民百货商店", division="440902", rep=rep)
        for n, rep in (("A", "甲某"), ("B", "乙某"))
    ]
    assert [sure for _, sure in links(a_row("N", "便民百货商店", division="440902"), *twins)] == [False, False]  # fmt: skip
    assert links(a_row("N", "便民百货商店", division="440902", rep="乙某"), *twins)[0] == (
        "B",
        True,
    )


def test_a_persons_name_is_never_matched() -> None:
    assert links(a_row("N", "陈晓岚"), a_row("A", "陈晓岚")) == []
