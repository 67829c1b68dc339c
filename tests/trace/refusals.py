"""That something is refused, for the reason that it should be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from exchange_schemas.errors import HubError


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The block raises an error with this code."""
    with pytest.raises(HubError) as told:
        yield
    assert told.value.issue.code == code
