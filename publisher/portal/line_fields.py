"""Which fields are told of a record that is one line of a list: a table beside this."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from exchange_schemas.standard import Field, Standard
from exchange_schemas.strict_yaml import read_strictly


def line_fields(standard: Standard) -> list[Field]:
    """The fields, in the table's order; none of a dataset that the table doesn't name."""
    public = standard.fields_for("public")
    return [public[name] for name in _table().get(standard.dataset, ()) if name in public]


@cache
def _table() -> Mapping[str, list[str]]:
    table = files("publisher.portal").joinpath("line_fields.yml").read_text(encoding="utf-8")
    return cast(Mapping[str, list[str]], read_strictly(table))
