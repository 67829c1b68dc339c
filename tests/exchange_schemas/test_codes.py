"""Code lists with the days between which their codes may be used, and the folders they come from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.code_list import Code, code_list, gaps
from exchange_schemas.codes import CODES, code_lists, load_codes
from exchange_schemas.errors import Misdeclared

HEADER = "code,title,title_en,valid_from,valid_to,succeeded_by\n"

Period = tuple[date | None, date | None]

DAYS = st.dates(date(2000, 1, 1), date(2000, 3, 1))


@st.composite
def periods(draw: st.DrawFn) -> list[Period]:
    """Periods that don't overlap, in order; the first may lack its beginning, the last its end."""
    days: list[date | None] = sorted(draw(st.sets(DAYS, min_size=1, max_size=7)))
    bounds: list[date | None] = list(days)
    if draw(st.booleans()):
        bounds.insert(0, None)
    if len(bounds) % 2:
        bounds.append(None)
    return list(zip(bounds[::2], bounds[1::2], strict=True))


def _codes(name: str, told: Sequence[Period]) -> list[Code]:
    return [Code(name, f"{name}{n}", "", *period) for n, period in enumerate(told)]


def _write(folder: Path, *rows: str, name: str = "divisions") -> Path:
    (folder / f"{name}.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8-sig")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return _write(tmp_path, "440900,甲市,A,,,", "440903,乙区,B,2001-01-01,2014-12-31,440900")


def test_codes_have_titles_and_days(root: Path) -> None:
    codes = load_codes("divisions", root)
    assert (codes.codes["440903"].title, codes.codes["440903"].title_en) == ("乙区", "B")
    assert codes.valid_on("440900", date(1, 1, 1))
    days = [date(2000, 12, 31), date(2001, 1, 1), date(2014, 12, 31), date(2015, 1, 1)]
    assert [codes.valid_on("440903", day) for day in days] == [False, True, True, False]
    assert not codes.valid_on("440999", date(2010, 1, 1))


def test_a_code_may_be_used_again_for_something_else(tmp_path: Path) -> None:
    rows = ["1,新,New,2010-01-01,,", "1,旧,Old,1990-01-01,1999-12-31,"]
    codes = load_codes("divisions", _write(tmp_path, *rows))
    told = [codes.on("1", date(year, 6, 1)) for year in (1989, 1995, 2005, 2015)]
    assert [code and code.title for code in told] == [None, "旧", None, "新"]
    assert codes.codes["1"].title == "新"


@given(periods(), DAYS)
def test_a_day_is_in_a_period_or_in_a_gap(told: list[Period], day: date) -> None:
    codes = code_list("x", _codes("a", told))
    inside = any((b or date.min) <= day <= (e or date.max) for b, e in told)
    assert codes.valid_on("a", day) is inside
    held = [
        (first is None or first <= day.isoformat())
        and (behind is None or day.isoformat() < behind)
        for first, behind in gaps(codes.periods["a"])
    ]
    assert sum(held) == (not inside)


def test_the_first_and_the_last_day_that_there_is_are_no_gap() -> None:
    assert gaps([Code("a", "甲", "", date.min, date.max)]) == []
    assert gaps([Code("a", "甲", "")]) == []


@given(st.lists(st.tuples(DAYS, DAYS).map(sorted), min_size=2, max_size=4))
def test_periods_of_a_code_must_not_overlap(
    tmp_path_factory: pytest.TempPathFactory, told: list[list[date]]
) -> None:
    rows = [f"1,甲,A,{begin},{end}," for begin, end in told]
    folder = _write(tmp_path_factory.mktemp("codes"), *rows)
    days = [begin + timedelta(n) for begin, end in told for n in range((end - begin).days + 1)]
    if len(days) == len(set(days)):
        assert len(load_codes("divisions", folder).periods["1"]) == len(told)
    else:
        with pytest.raises(Misdeclared, match="code 1 is valid on the same days as on line"):
            load_codes("divisions", folder)


def test_what_stands_instead_is_found_over_several_changes() -> None:
    codes = load_codes("divisions")
    told = [
        ("440903", 2016),
        ("440904", 2005),
        ("440921", 2020),
        ("440983", 1990),
        ("440902", 1970),
    ]
    assert [[c.code for c in codes.instead(code, date(year, 1, 1))] for code, year in told] == [
        ["440904"], ["440903", "440923"], ["440983"], ["440921"], [],
    ]  # fmt: skip
    early, late = date(1999, 12, 31), date(2000, 1, 1)
    chain = code_list("x", [
        Code("a", "甲", "", None, early, ("b",)), Code("b", "乙", "", None, early, ("c", "a")),
        Code("c", "丙", "", late),
    ])  # fmt: skip
    assert [code.code for code in chain.instead("a", late)] == ["c"]
    assert chain.instead("b", late) == chain.later("a", late)


def test_an_unknown_list_is_answered_with_the_known_ones(root: Path) -> None:
    assert code_lists(root) == ["divisions"]
    with pytest.raises(Misdeclared) as caught:
        load_codes("division", root)
    assert (
        caught.value.issue.message("en") == "there is no code list division; known are: divisions"
    )


BAD = [
    (["1,x,x,1.1.2001,,"], 2, "valid_from 1.1.2001 isn't a day like 2026-01-31"),
    (["1,x,x,20010101,,"], 2, "valid_from 20010101 isn't a day like 2026-01-31"),
    (["1,x,x,,,", "2,x,x,2001-02-29,,"], 3, "valid_from 2001-02-29 isn't a day"),
    (["1,x,x,2001-01-02,2001-01-01,"], 2, "valid_to 2001-01-01 is before valid_from 2001-01-02"),
    (["1,x,x,,,", "2,,x,,,"], 3, "title is empty or has spaces"),
    ([" 1,x,x,,,"], 2, "code  1 is empty or has spaces"),
    (["1,x,x,,,", "1,y,y,,,"], 3, "code 1 is valid on the same days as on line 2"),
    (["1,x,x,,2001-01-01,", "1,y,y,2001-01-01,,"], 3, "code 1 is valid on the same days"),
    (["1,x,x,,2001-01-01,2;3", "2,y,y,,,"], 2, "succeeded_by 3 is no code of the list"),
    (["1,x,x,,"], 2, "the row has more or fewer cells than the header"),
    (["1,x,x,,,,"], 2, "the row has more or fewer cells than the header"),
    (['1,"x,x,,,'], None, "can't be read: Error: unexpected end of data"),
]


@pytest.mark.parametrize(("rows", "line", "reason"), BAD)
def test_a_bad_list_is_refused(
    tmp_path: Path, rows: list[str], line: int | None, reason: str
) -> None:
    with pytest.raises(Misdeclared) as caught:
        load_codes("divisions", _write(tmp_path, *rows))
    issue = caught.value.issue
    assert (issue.code, issue.line, issue.severity) == ("codelist_invalid", line, "error")
    place = str(tmp_path / "divisions.csv") + (f" line {line}" if line else "")
    assert issue.message("en").startswith(f"{place}: {reason}")
    assert issue.message().endswith("；请更正代码表")
    assert not issue.params["reason_zh"].isascii()


def test_missing_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_text("code,title\n1,x\n", encoding="utf-8")
    with pytest.raises(Misdeclared, match="there is no column title_en, valid_from, valid_to"):
        load_codes("broken", tmp_path)


def test_a_list_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_bytes("code,title\n1,茂名\n".encode("gb18030"))
    with pytest.raises(Misdeclared, match="can't be read: UnicodeDecodeError"):
        load_codes("broken", tmp_path)


def test_a_site_puts_its_own_lists_over_the_packaged_ones(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(root, "x,甲,A,,,", name="own_list")
    packaged = load_codes("divisions")
    monkeypatch.setenv("HUB_CODES", str(root))
    assert {"own_list", "divisions", "penalty_kinds"} <= set(code_lists())
    assert list(load_codes("divisions").codes) == ["440900", "440903"]
    assert list(load_codes("own_list").codes) == ["x"]
    assert load_codes("penalty_kinds") is load_codes("penalty_kinds", CODES)
    monkeypatch.delenv("HUB_CODES")
    assert load_codes("divisions") is packaged
    assert "own_list" not in code_lists()


def test_a_folder_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_CODES", str(tmp_path / "codes"))
    with pytest.raises(Misdeclared) as caught:
        load_codes("divisions")
    assert caught.value.issue.code == "codes_missing"
    assert "HUB_CODES" in caught.value.issue.message()


@pytest.mark.parametrize("name", code_lists())
def test_packaged_lists_contradict_nothing(name: str) -> None:
    assert load_codes(name).codes


def test_maps_lead_to_codes() -> None:
    old, new = load_codes("penalty_kinds_2018").codes, load_codes("penalty_kinds_2021").codes
    table, union = load_codes("penalty_kind_map").codes, load_codes("penalty_kinds").codes
    assert table.keys() == old.keys()
    for name, row in table.items():
        kinds = row.more["kinds_2021"].split(";")
        assert set(kinds) <= new.keys()
        # What the law of 2021 divides is left to a person.
        assert (len(kinds) > 1) == ("joint" in row.more) == bool(union[name].successors)
    assert union.keys() == old.keys() | new.keys()
    divisions = load_codes("divisions").codes
    assert {c.more["division"] for c in load_codes("division_aliases").codes.values()} <= set(
        divisions
    )


def test_industries_have_all_sections_and_divisions() -> None:
    codes = load_codes("industries").codes
    sections = [name for name in codes if name.isalpha()]
    assert "".join(sections) == "ABCDEFGHIJKLMNOPQRST"
    deeper = [name for name, code in codes.items() if "subcodes" in code.more]
    assert deeper == [f"{n:02}" for n in range(1, 98)]
    for name, code in codes.items():
        assert code.more["section"] in sections
        above = codes.get(name[:2]) if name.isdigit() else code
        assert above is not None and above.more["section"] == code.more["section"]
