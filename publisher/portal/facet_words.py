"""What the values of filters are called, in the page's language."""

from __future__ import annotations

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import HubError
from publisher.meanings import titles
from publisher.portal.pages import chinese, library
from publisher.portal.pages import titles as titles_of_datasets

DIVISIONS = "divisions"  # the code list
LIST = "；"  # between the values of a list in a hit


def told(facet: str, value: str, dataset: str | None = None) -> str:
    """`value` of a facet (one of publisher.query.FACETS) in words; itself where it has none.

    What a kind is called depends on its dataset.
    """
    if facet == "dataset":
        return titles_of_datasets().get(value, value)
    if facet == "county":
        return county(value)
    if facet == "kind" and dataset is not None:
        return kind(dataset, value)
    return value


def county(code: str | None) -> str:
    """The name of a county, by the six digits of its code."""
    known = load_codes(DIVISIONS).codes.get(code or "")
    if known is None:
        return code or ""
    return known.title if chinese() else known.title_en or known.title


def kind(dataset: str, value: str | None) -> str:
    """The kinds of a record in words; several of them stand in a hit with "；" between."""
    try:
        standard = library().catalogue.get(dataset)
    except HubError:
        return value or ""
    field = standard.fields.get(standard.roles.kind or "")
    known = titles(field, english=not chinese()) if field else {}
    parts = (value or "").split(LIST)
    return ("；" if chinese() else "; ").join(known.get(part, part) for part in parts)
