"""Code lists with the days between which their codes may be used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from exchange_schemas.codes import code_lists, load_codes
from exchange_schemas.errors import Misdeclared

HEADER = "code,title,title_en,valid_from,valid_to\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    text = HEADER + "440900,甲市,A,,\n440903,乙区,B,2001-01-01,2014-12-31\n"
    (tmp_path / "divisions.csv").write_text(text, encoding="utf-8-sig")
    return tmp_path


def test_codes_have_titles_and_days(root: Path) -> None:
    codes = load_codes("divisions", root)
    assert (codes.codes["440903"].title, codes.codes["440903"].title_en) == ("乙区", "B")
    assert codes.valid_on("440900", date(1, 1, 1))
    days = [date(2000, 12, 31), date(2001, 1, 1), date(2014, 12, 31), date(2015, 1, 1)]
    assert [codes.valid_on("440903", day) for day in days] == [False, True, True, False]
    assert not codes.valid_on("440999", date(2010, 1, 1))


def test_columns_are_looked_up(root: Path) -> None:
    codes = load_codes("divisions", root)
    frame = pl.DataFrame({"v": ["440903", "440903002", "440999", "330200", "44", None]})
    column = pl.col("v")
    assert frame.select(codes.unlisted_division(column)).to_series().to_list() == [
        False, False, True, False, False, None,
    ]  # fmt: skip
    listed = frame.select(~codes.unlisted(column)).to_series()
    assert listed.to_list() == [True, False, False, False, False, None]


def test_an_unknown_list_is_answered_with_the_known_ones(root: Path) -> None:
    assert code_lists(root) == ["divisions"]
    with pytest.raises(Misdeclared) as caught:
        load_codes("division", root)
    assert (
        caught.value.issue.message("en") == "there is no code list division; known are: divisions"
    )


@pytest.mark.parametrize("text", ["code,title\n1,x\n", HEADER + "1,x,x,1.1.2001,\n"])
def test_a_broken_list_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.csv").write_text(text, encoding="utf-8")
    with pytest.raises(Misdeclared) as caught:
        load_codes("broken", tmp_path)
    assert caught.value.issue.code == "standard_invalid"
    assert caught.value.issue.params["place"].endswith("broken.csv")
