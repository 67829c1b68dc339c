"""Declarations as text from a browser: whatever is written, it is read or told, and never anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.declaration import load_feed
from exchange_schemas.errors import Misdeclared
from hub.feed_mapping import AS_IT_IS, Choice, chosen, converter_of, fields_of
from hub.feed_text import feed_from, line_of, loaded, read_text, written
from tests.source_tree import ROOT

SHIPPED = sorted((ROOT / "adapters" / "feeds").rglob("*.yml"))
NAMES = st.sampled_from(
    ["feed", "title", "standard", "source", "format", "mode", "fields", "ignore", "nulls"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_or_told(text: str) -> None:
    with pytest.raises(Misdeclared) as error:
        read_text(text)
    assert error.value.issue.message("zh_CN") and error.value.issue.message("en")


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=9))
def test_any_document_is_read_or_told_with_a_line(told: dict[str, Any]) -> None:
    text = yaml.safe_dump(told, allow_unicode=True)
    try:
        read_text(text)
    except Misdeclared as error:
        assert 1 <= int(error.issue.params["line"]) <= text.count("\n") + 1


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_declarations_are_written_and_read_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    again = feed_from(written(loaded(text)), path)
    assert again == load_feed(path)


def test_place_is_told_by_its_line() -> None:
    text = "feed: x\nfields:\n  a.b: c\n  a: {from: d}\n"
    assert [line_of(text, place) for place in ("feed", "fields", "fields.a.b", "fields.a.from", "x")] == [
        1, 2, 3, 4, 1,
    ]  # fmt: skip


TOLD = {
    "fields": {
        "subject_type": {"from": "代码", "convert": "subject_type"},
        "uscc": {"from": "代码", "convert": "uscc", "mixed": True, "nulls": ["无"]},
        "name": "名称",
        "address": {"from": ["市", "县"], "join": ""},
    },
    "ignore": {"序号": "只是行号"},
}


def test_own_field_of_a_column() -> None:
    assert fields_of(TOLD, "名称") == ("name", [])
    assert fields_of(TOLD, "代码", {"uscc": 0.98, "subject_type": 0.75}) == (
        "uscc",
        ["subject_type"],
    )
    assert fields_of(TOLD, "市") == (None, ["address"])
    assert converter_of(TOLD, "uscc") == "uscc" and converter_of(TOLD, "name") == ""


def test_choices_change_what_was_chosen_and_nothing_else() -> None:
    sure = {"uscc": 0.98, "subject_type": 0.75}
    same = [Choice("代码", "uscc", AS_IT_IS), Choice("名称", "name"), Choice("序号", "")]
    assert chosen(TOLD, same, sure) == TOLD
    other = chosen(TOLD, [Choice("代码", "uscc", "text")], sure)
    assert other["fields"]["uscc"] == {"from": "代码", "convert": "text", "nulls": ["无"]}
    moved = chosen(TOLD, [Choice("名称", "alias", ""), Choice("序号", "name", "digits")], sure)
    assert moved["fields"]["alias"] == "名称" and "名称" not in moved["ignore"]
    assert (
        moved["fields"]["name"] == {"from": "序号", "convert": "digits"} and moved["ignore"] == {}
    )
    gone = chosen(TOLD, [Choice("名称", "")], sure)
    assert "name" not in gone["fields"] and list(gone["ignore"]) == ["序号", "名称"]
    for twice in (
        [Choice("序号", "name")],
        [Choice("名称", "x"), Choice("序号", "x")],
        [Choice("名称", "address")],
    ):
        with pytest.raises(Misdeclared) as error:
            chosen(TOLD, twice, sure)
        assert error.value.issue.code == "column_twice"
