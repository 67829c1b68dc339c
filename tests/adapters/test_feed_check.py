"""Mistakes that only the standards can show, found before any request."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import adapters
from adapters.declaration import load_feed
from adapters.feed_check import check_feed
from exchange_schemas.catalogue import load_catalogue
from tests.adapters.conftest import Desk

GOOD: dict[str, Any] = {"subject_name": "a", "uscc": "b", "established_on": "c"}


def found(desk: Desk, **told: Any) -> list[tuple[str, str | None, str | None]]:
    issues = check_feed(desk.declare(**{"fields": GOOD, **told}), load_catalogue())
    for issue in issues:
        assert issue.message("en") != issue.message("zh_CN")
    return [(issue.code, issue.field, issue.value) for issue in issues]


def test_a_good_feed(desk: Desk) -> None:
    assert found(desk) == []


def test_unknown_dataset_and_version(desk: Desk) -> None:
    assert found(desk, standard="market_entities") == [
        ("dataset_unknown", None, "market_entities")
    ]
    assert found(desk, version="99") == [("version_unknown", None, "99")]


@pytest.mark.parametrize(
    ("field", "rule", "issue"),
    [
        ("subject_nam", "a", ("field_unknown", None, "subject_nam")),
        ("domicile", {"from": "a", "convert": "txt"}, ("converter_unknown", "domicile", "txt")),
        ("domicile", {"from": "a", "convert": "split"}, ("converter_unfit", "domicile", "split")),
        (
            "former_names",
            {"from": "a", "convert": "text"},
            ("converter_unfit", "former_names", "text"),
        ),
        ("long_term", {"from": "a", "convert": "date"}, ("converter_unfit", "long_term", "date")),
        (
            "domicile",
            {"from": "a", "occurrence": True},
            ("option_unknown", "domicile", "occurrence"),
        ),
        ("domicile", {"value": True}, ("type", "domicile", "True")),
        ("long_term", {"value": "yes"}, ("type", "long_term", "yes")),
    ],
)
def test_mistakes_in_a_rule(desk: Desk, field: str, rule: Any, issue: Any) -> None:
    assert found(desk, fields={**GOOD, field: rule}) == [issue]


def test_required_fields_and_the_key_need_a_rule(desk: Desk) -> None:
    assert found(desk, fields={"domicile": "a"}) == [
        ("field_unmapped", None, "subject_name"),
        ("field_unmapped", None, "established_on"),
        ("field_unmapped", None, "uscc/reg_no"),
    ]


def test_a_variable_that_is_not_set(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_FOLDER", raising=False)
    source = {"kind": "file", "path": "${NO_SUCH_FOLDER}/a.csv"}
    assert found(desk, source=source) == [("secret_missing", None, "NO_SUCH_FOLDER")]


def test_the_shipped_feeds_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = load_catalogue()
    for path in (Path(str(adapters.__file__)).parent / "feeds").rglob("*.yml"):
        for name in re.findall(r"\$\{(\w+)\}", path.read_text("utf-8")):
            monkeypatch.setenv(name, "somewhere")
        assert check_feed(load_feed(path), catalogue) == [], path.name
