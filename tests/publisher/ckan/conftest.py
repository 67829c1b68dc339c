"""A real CKAN, a line to it that breaks, and releases of a small dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from publisher.ckan.target import CkanTarget
from tests.publisher.ckan.pushed import Place
from tests.services.ckan_server import Ckan
from tests.services.relay import Relay, relay

_NUMBERS = count(1)


@pytest.fixture
def line(ckan: Ckan) -> Iterator[Relay]:
    """What stands between the hub and the CKAN."""
    with relay(ckan.url) as made:
        yield made


@pytest.fixture
def place(ckan: Ckan, line: Relay, tmp_path: Path) -> Callable[..., Place]:
    """Makes a dataset of its own in the CKAN; told what its target has otherwise."""

    def make(**told: Any) -> Place:
        prefix = f"t{next(_NUMBERS)}-"
        target = CkanTarget("test", line.url, ckan.token, prefix=prefix, **told)
        return Place(ckan, target, tmp_path)

    return make
