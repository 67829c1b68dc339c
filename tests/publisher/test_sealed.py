"""Sealed fields: in no view of any standard, whoever looks."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.standard import AUDIENCES, DEPARTMENT, Field, Standard
from publisher.view import view_frame

CATALOGUE = load_catalogue()
STANDARDS = [
    CATALOGUE.get(dataset, version)
    for dataset in CATALOGUE.datasets()
    for version in CATALOGUE.get(dataset).versions
]
SEALED = [s for s in STANDARDS if any(f.tier == "sealed" for f in s.fields.values())]


def canary(field: Field) -> Any:
    """A value that tells which field it is of, as far as its kind lets it."""
    if field.kind in ("integer", "boolean"):
        return True if field.kind == "boolean" else 1
    text = f"canary-{field.tier}-{field.name}"
    return [text] if field.kind == "list" else text


def seen(standard: Standard, audience: str) -> tuple[list[str], str]:
    """The names and all the values of a view of one record that says something everywhere."""
    row = {name: canary(field) for name, field in standard.fields.items()}
    view = view_frame(standard, pl.DataFrame([row], schema=standard.dtypes), audience)
    return view.columns, str(view.to_dicts())


@pytest.mark.parametrize("audience", [*AUDIENCES, DEPARTMENT])
@pytest.mark.parametrize("standard", STANDARDS, ids=lambda s: f"{s.dataset}@{s.version}")
def test_no_sealed_value_is_in_any_view(standard: Standard, audience: str) -> None:
    names, text = seen(standard, audience)
    assert "canary-sealed" not in text
    assert not {n for n in names if standard.fields[n].tier == "sealed"}


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda s: f"{s.dataset}@{s.version}")
def test_the_department_sees_all_else_unmasked(standard: Standard) -> None:
    names, text = seen(standard, DEPARTMENT)
    assert names == [n for n, f in standard.fields.items() if f.tier != "sealed"]
    for name in names:
        if standard.fields[name].kind not in ("integer", "boolean"):
            assert f"canary-{standard.fields[name].tier}-{name}'" in text


def test_some_standards_seal_fields() -> None:
    assert {s.dataset for s in SEALED} >= {"complaint_report"}
