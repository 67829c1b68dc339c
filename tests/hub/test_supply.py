"""Which versions may still be supplied."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared
from hub.dependents import broken_dependents
from hub.supply import check_supply
from tests.exchange_schemas.conftest import FIXTURES

PENALTY = "administrative_penalty"


def test_a_version_is_taken_until_its_last_day() -> None:
    catalogue = load_catalogue()
    old = catalogue.get(PENALTY, "1")
    until = old.version_days["1"][1]
    assert until is not None
    check_supply(catalogue, old, until)
    with pytest.raises(Misdeclared) as caught:
        check_supply(catalogue, old, until + timedelta(days=1))
    assert caught.value.issue.code == "version_over"
    assert until.isoformat() in caught.value.issue.message("en")
    check_supply(catalogue, catalogue.get(PENALTY), until + timedelta(days=9_999))


def test_a_version_that_others_do_not_follow_from_is_not_taken() -> None:
    """lapsed_licence takes fields that version 1 of the licences didn't have."""
    catalogue = load_catalogue(FIXTURES)
    check_supply(catalogue, catalogue.get("licence"), today())
    with pytest.raises(Misdeclared) as caught:
        check_supply(catalogue, catalogue.get("licence", "1"), today())
    issue = caught.value.issue
    assert (issue.code, issue.value) == ("derivation_broken", "lapsed")
    told = dict(broken_dependents(catalogue, catalogue.get("licence", "1")))
    assert [i.value for i in told["lapsed_licence"]] == ["lapsed"]
    assert list(broken_dependents(catalogue, catalogue.get("licence"))) == []


def test_every_packaged_standard_gives_others_what_they_take() -> None:
    catalogue = load_catalogue()
    for name in catalogue.datasets():
        assert dict(broken_dependents(catalogue, catalogue.get(name))) == {}
