"""Whether records of a version of a standard may still be supplied."""

from __future__ import annotations

from datetime import date

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub.dependents import derived_fields


def check_supply(catalogue: Catalogue, standard: Standard, day: date) -> None:
    """Raise Misdeclared where a version was in use until an earlier day (version_over), or where
    records of another dataset follow from fields that it doesn't have (derivation_broken)."""
    name, version = standard.dataset, standard.version
    until = standard.version_days.get(version, (None, None))[1]
    if until is not None and until < day:
        words = {"dataset": name, "expected": until.isoformat()}
        raise Misdeclared(Issue("version_over", value=version, params=words))
    for other in catalogue.derived_from(name):
        for lacking in sorted(derived_fields(other, name) - standard.fields.keys()):
            words = {"dataset": other.dataset, "other": name, "version": version}
            raise Misdeclared(Issue("derivation_broken", value=lacking, params=words))
