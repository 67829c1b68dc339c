"""What changes between two versions of a standard, and who must do something about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.catalogue import STANDARDS, load_catalogue
from exchange_schemas.loading import build_standard
from exchange_schemas.standard import Standard
from exchange_schemas.validate import check
from exchange_schemas.version_diff import diff
from tests.exchange_schemas.conftest import FIXTURES, batch_of

LICENCE = load_catalogue(FIXTURES).get("licence")
BASE: dict[str, Any] = {
    "name": {"type": "string", "maxLength": 5, "pattern": "^[a-z]*$"},
    "kind": {"type": "string", "enum": ["a", "b"]},
    "years": {"type": "integer", "minimum": 1, "maximum": 9},
    "goods": {"type": "array", "items": {"type": "string", "maxLength": 3}, "maxItems": 3},
}
TITLED = {"title": "名", "x-title-en": "name", "x-tier": "government"}


def _made(fields: Mapping[str, Any], **more: Any) -> Standard:
    properties = {name: {**TITLED, **told} for name, told in fields.items()}
    schema = {"type": "object", "properties": properties, "required": ["name"], **more}
    return replace(LICENCE, schema=schema, fields=_fields(schema))


def _fields(schema: dict[str, Any]) -> Any:
    told = {
        "dataset": "licence", "title": {"zh": "", "en": ""}, "key": [["name"]], "cycle": "daily",
        "description": {"zh": "", "en": ""}, "share_type": "none", "public": False,
        "versions": [{"version": "1"}],
    }  # fmt: skip
    folder = STANDARDS / "market_regulation" / "licence"
    return build_standard(told, "1", ("1",), schema, folder).fields


EDITS = [
    ("name", {"maxLength": 4}, {"narrower": "readers"}),
    ("name", {"maxLength": 6}, {"wider": "breaking"}),
    ("name", {"pattern": "^[0-9]*$"}, {"limit_changed": "breaking"}),
    ("name", {"minLength": 1}, {"narrower": "readers"}),
    ("name", {"format": "uscc"}, {"narrower": "readers"}),
    ("name", {"title": "另名"}, {"described": "compatible"}),
    ("name", {"x-tier": "public"}, {"opened": "breaking"}),
    ("name", {"x-tier": "sealed"}, {"closed": "breaking"}),
    ("name", {"x-codelist": "divisions"}, {"codelist": "breaking"}),
    ("kind", {"enum": ["a", "b", "c"]}, {"codes_added": "breaking"}),
    ("kind", {"enum": ["a"]}, {"codes_removed": "readers"}),
    ("years", {"minimum": 0}, {"wider": "breaking"}),
    ("years", {"minimum": 2, "maximum": 8}, {"narrower": "readers"}),
    ("years", {"type": "boolean", "minimum": None}, {"type": "breaking"}),
    ("goods", {"items": {"type": "string", "maxLength": 2}}, {"narrower": "readers"}),
    ("goods", {"uniqueItems": True}, {"narrower": "readers"}),
    ("extra", {"type": "string"}, {"added": "compatible"}),
]


@pytest.mark.parametrize(("name", "edit", "expected"), EDITS)
def test_one_edit(name: str, edit: dict[str, Any], expected: dict[str, str]) -> None:
    told = {k: v for k, v in {**BASE.get(name, {}), **edit}.items() if v is not None}
    found = diff(_made(BASE), _made({**BASE, name: told}))
    assert expected.items() <= {one.kind: one.verdict for one in found}.items()
    assert {one.field for one in found} == {name}
    assert all("{" not in one.message("zh_CN") + one.message("en") for one in found)


def test_required_removed_and_rules() -> None:
    base = _made(BASE)
    asked = _made(BASE, required=["name", "kind"])
    rule = {"if": {"required": ["kind"]}, "then": {"required": ["years"]}}
    ruled = _made(BASE, allOf=[rule])
    fewer = _made({n: t for n, t in BASE.items() if n != "kind"})
    assert [(c.kind, c.verdict) for c in diff(base, asked)] == [("now_required", "readers")]
    assert [(c.kind, c.verdict) for c in diff(asked, base)] == [("now_optional", "breaking")]
    assert [(c.kind, c.verdict) for c in diff(base, ruled)] == [("rule_added", "readers")]
    assert [(c.kind, c.verdict) for c in diff(ruled, base)] == [("rule_removed", "breaking")]
    assert [(c.kind, c.verdict) for c in diff(base, fewer)] == [("removed", "breaking")]
    other_key = replace(base, key=(("name",), ("kind",)))
    assert [(c.kind, c.verdict) for c in diff(base, other_key)] == [("key", "breaking")]
    assert diff(base, base) == []


RECORD = st.fixed_dictionaries({}, optional={
    "a": st.text("ab1.-", max_size=5) | st.sampled_from(["2024-01-31", "10.5"]),
    "n": st.integers(-4, 5),
})  # fmt: skip
LIMITS = st.fixed_dictionaries({}, optional={
    "minLength": st.integers(0, 3), "maxLength": st.integers(0, 6),
    "pattern": st.sampled_from(["^a", "b$", "."]), "enum": st.sampled_from([["a"], ["a", "bb"]]),
    "format": st.sampled_from(["decimal", "date"]),
})  # fmt: skip
WHOLE = st.fixed_dictionaries({}, optional={
    "minimum": st.integers(-2, 2), "maximum": st.integers(-2, 4),
    "exclusiveMaximum": st.integers(-2, 4),
})  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.tuples(LIMITS, WHOLE), st.tuples(LIMITS, WHOLE), st.lists(RECORD, min_size=1, max_size=6)
)
def test_what_is_for_readers_only_narrows_and_what_is_compatible_rejects_nothing(
    before: Any, after: Any, records: list[dict[str, Any]]
) -> None:
    def made(limits: tuple[dict[str, Any], dict[str, Any]]) -> Standard:
        fields = {"a": {"type": "string", **limits[0]}, "n": {"type": "integer", **limits[1]}}
        return _made(fields, required=[])

    old, new = made(before), made(after)
    told = [{n: v for n, v in r.items() if n in old.fields} for r in records]
    passed = [set(check(s, batch_of(s, *told)).rows["_line"]) for s in (old, new)]
    verdicts = {change.verdict for change in diff(old, new)}
    if verdicts <= {"compatible"}:
        assert passed[0] <= passed[1]
    if verdicts <= {"compatible", "readers"}:
        assert passed[1] <= passed[0]
