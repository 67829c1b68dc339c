"""What CKAN's Action API answers instead of a result. Their words are part of its protocol."""

from __future__ import annotations

from collections.abc import Mapping


class Failed(Exception):
    """An answer that isn't a result."""


class Missing(Failed):
    """There is no such thing (404); `reason` says which, where CKAN does."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Invalid(Failed):
    """Parameters that can't be meant (409): name → what is wrong with each."""

    def __init__(self, errors: Mapping[str, list[str] | str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


class Unsearchable(Failed):
    """A query that can't be read (400)."""


class Waiting(Failed):
    """The dataset is being updated, and its records aren't shown until it is (503)."""
