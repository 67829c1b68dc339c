"""Free text that anybody outside sees is masked wherever it has something private."""

from __future__ import annotations

import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.standard import AUDIENCES, Field, Standard

CATALOGUE = load_catalogue()
STANDARDS = [
    CATALOGUE.get(dataset, version)
    for dataset in CATALOGUE.datasets()
    for version in CATALOGUE.get(dataset).versions
]
LONG = 500  # characters from which a text may tell a story


def is_free(field: Field) -> bool:
    """A text of any content, as long as a sentence or more."""
    schema = {**field.schema, **field.schema.get("items", {})}
    bound = {"format", "enum", "const", "pattern"} & schema.keys()
    bound |= {field.codelist} - {None}
    return field.kind in ("string", "list") and not bound and schema.get("maxLength", LONG) >= LONG


def unmasked(standard: Standard) -> list[str]:
    """Free texts of the public or the industry in which nothing is looked for."""
    return [
        field.name
        for field in standard.fields.values()
        if field.tier in ("public", "industry") and is_free(field)
        for masks in [[m for m in field.masks if m.rule == "free_text" and not m.when]]
        if {a for m in masks for a in m.audiences} < {"public", "industry"}
    ]


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda s: f"{s.dataset}@{s.version}")
def test_every_free_text_is_masked(standard: Standard) -> None:
    assert unmasked(standard) == []


def test_there_are_such_fields_and_more_than_a_few() -> None:
    free = [f for s in STANDARDS for f in s.fields.values() if is_free(f)]
    assert len([f for f in free if f.tier in ("public", "industry")]) > 70


@pytest.mark.parametrize("standard", STANDARDS, ids=lambda s: f"{s.dataset}@{s.version}")
def test_masks_of_one_field_are_in_an_order_in_which_each_can_apply(standard: Standard) -> None:
    for field in standard.fields.values():
        for audience in AUDIENCES:
            masks = [m for m in field.masks if audience in m.audiences]
            assert all(m.when for m in masks[:-1]), (field.name, audience)


def test_authorities_see_the_text_as_it_is() -> None:
    for standard in STANDARDS:
        for field in standard.fields.values():
            for mask in field.masks:
                assert mask.rule != "free_text" or "government" not in mask.audiences
