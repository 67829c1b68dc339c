"""Declarations: what a feed's file may say, and how each mistake in it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import adapters
from adapters.declaration import load_feed
from exchange_schemas.errors import Misdeclared
from tests.adapters.conftest import Desk

PLAIN = """\
feed: f
title: {zh: 甲, en: A}
standard: market_entity
source: {kind: file, path: a.csv}
format: {kind: csv, encoding: utf-8}
mode: snapshot
fields: {subject_name: a}
"""


def fault(tmp_path: Path, text: str | bytes) -> tuple[str, str]:
    """(English, Chinese) of what is wrong with this declaration."""
    path = tmp_path / "f.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Misdeclared) as caught:
        load_feed(path)
    issue = caught.value.issue
    assert issue.code == "feed_invalid"
    assert issue.message("en").startswith("f.yml: ")
    return issue.message("en"), issue.message("zh_CN")


def test_all_that_can_be_said(desk: Desk) -> None:
    feed = desk.declare(
        version="1", nulls=["/"], ignore={"x": "固定值"}, breaker={"max_gone": 0.1},
        format={"kind": "csv", "encoding": "gbk", "delimiter": "\t"},
        fields={
            "subject_name": "a",
            "subject_type": {"value": "natural"},
            "uscc": {"from": ["b", "c"], "convert": "uscc", "mixed": True, "nulls": ["-"], "optional": True},
        },
    )  # fmt: skip
    assert (feed.version, feed.nulls, feed.breaker.max_gone) == ("1", ("/",), 0.1)
    assert (feed.format.encoding, feed.format.get("delimiter")) == ("gbk", "\t")
    assert feed.columns == ("a", "b", "c")
    rule = feed.fields["uscc"]
    assert (rule.columns, rule.convert, rule.nulls) == (("b", "c"), "uscc", ("-",))
    assert rule.optional and rule.options == {"mixed": True}
    assert feed.fields["subject_type"].value == "natural"
    assert feed.path.is_absolute() and feed.total is None


def test_what_is_left_out_has_plain_values(tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_text(PLAIN)
    feed = load_feed(tmp_path / "f.yml")
    assert (feed.version, feed.nulls, dict(feed.ignore), feed.breaker.max_gone) == (
        None,
        (),
        {},
        0.5,
    )
    assert feed.format.options == {"encoding": "utf-8"}


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(Misdeclared) as caught:
        load_feed(tmp_path / "none.yml")
    assert caught.value.issue.code == "feed_unknown"


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("mode: snapshot\n", "", "feed", "mode is missing"),
        ("mode: snapshot", "mode: full", "mode", "full is not one of: snapshot, increment"),
        ("kind: csv", "kind: docx", "format.kind", "docx is not one of: csv, json"),
        ("encoding: utf-8", "encoding: ansi", "format.encoding", "ansi is not one of: utf-8"),
        (", encoding: utf-8", "", "format", "encoding is missing"),
        ("kind: csv", "kind: xlsx", "format", "encoding is not known here; known are: kind, members"),
        ("kind: csv", "kind: jsonl, rows: a", "format", "rows is not known here; known are: kind, members"),
        ("kind: csv, encoding: utf-8", "kind: xlsx, header_row: 0", "format.header_row", "minimum of 1"),
        ("mode:", "modus: x\nmode:", "feed", "modus is not known here"),
        ("subject_name: a", "subject_name: {form: a}", "fields.subject_name", "form is not known here"),
        ("subject_name: a", "subject_name: {from: a, converter: text}", "fields.subject_name",
         "converter is not known here; known are: from, convert"),
        ("subject_name: a", "subject_name: {value: a, from: b}", "fields.subject_name", "from is not known"),
        ("subject_name: a", "subject_name: [a, b]", "fields.subject_name", "is not of type"),
        ("subject_name: a", "subject_name: 12", "fields.subject_name", "is not of type"),
        ("fields: {subject_name: a}", "fields: {}", "fields", ""),
        ("feed: f", "feed: 茂名", "feed", "does not match"),
        ("kind: file", "kind: gopher", "source.kind", "gopher is not one of: file"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, place: str, words: str
) -> None:
    assert old in PLAIN
    english, chinese = fault(tmp_path, PLAIN.replace(old, new, 1))
    assert f"the feed's {place}: " in english
    assert words in english
    assert f"数据源声明的 {place}：" in chinese


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    english, chinese = fault(tmp_path, PLAIN + "mode: increment\n")
    assert "L8" in english and "key mode stands twice" in english
    assert "L8" in chinese
    nested = PLAIN.replace("{subject_name: a}", "{subject_name: a, subject_name: b}")
    assert "key subject_name stands twice" in fault(tmp_path, nested)[0]


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "", "\tx: 1", b"\xff\xfe\xfd"])
def test_what_is_no_declaration_at_all(tmp_path: Path, text: str | bytes) -> None:
    fault(tmp_path, text)


def test_yaml_may_not_make_objects(tmp_path: Path) -> None:
    fault(tmp_path, PLAIN.replace("feed: f", "feed: !!python/object/apply:os.getcwd []"))


def test_every_shipped_declaration_loads_and_bears_its_file_name() -> None:
    folder = Path(str(adapters.__file__)).parent / "feeds"
    paths = sorted(folder.rglob("*.yml"))
    assert len(paths) >= 12
    names: list[Any] = [load_feed(path).name for path in paths]
    assert names == [path.stem for path in paths]
