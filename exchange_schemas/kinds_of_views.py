"""Kinds of issue: what each audience sees."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kind import error as _error

VIEWS_KINDS: dict[str, Kind] = {
    "association_missing": _error(
        "records of {value} belong to industry organisations; say with --association whose this "
        "consumer is given"
    ),
    "association_needless": _error(
        "association {value}: only a consumer of the industry has one, and only for datasets whose "
        "records belong to industry organisations; leave it out"
    ),
    "association_wrong": _error(
        "association {value} isn't a unified social credit code; copy it from the organisation's "
        "certificate"
    ),
}
