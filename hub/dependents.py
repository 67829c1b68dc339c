"""Standards that take fields from another one: what would break there when that one changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.consistency import lookups
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard


def broken_dependents(catalogue: Catalogue, new: Standard) -> Iterator[tuple[str, list[Issue]]]:
    """(dataset, issues) of every other standard that takes a field which `new` doesn't have.

    derivation_broken: its records follow from fields that are gone, so no run could go on.
    lookup_broken: a check would look for fields that are gone, and so for nothing.
    """
    for name in catalogue.datasets():
        if name == new.dataset:
            continue
        other = catalogue.get(name)
        issues = [
            *_issues("derivation_broken", other, new, derived_fields(other, new.dataset)),
            *_issues("lookup_broken", other, new, _looked_up(other, new.dataset)),
        ]
        if issues:
            yield name, issues


def derived_fields(other: Standard, dataset: str) -> set[str]:
    """The fields of `dataset` that the records of `other` follow from."""
    told = other.derivation
    if told is None or told.dataset != dataset:
        return set()
    return {*told.where, *(source for source in told.fields.values() if isinstance(source, str))}


def _looked_up(other: Standard, dataset: str) -> set[str]:
    checks: list[Mapping[str, Any]] = lookups(other)
    return {
        name
        for told in checks
        if told["dataset"] == dataset
        for name in (*told["on"].values(), *told.get("same", {}).values())
    }


def _issues(code: str, other: Standard, new: Standard, taken: set[str]) -> Iterator[Issue]:
    for name in sorted(taken - new.fields.keys()):
        words = {"dataset": other.dataset, "other": new.dataset, "version": new.version}
        yield Issue(code, value=name, params=words)
