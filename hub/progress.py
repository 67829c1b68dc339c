"""What a long task tells while it works."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Shown on a terminal by `hub.cli.progress`; silent in workers and tests by `Silent`."""

    def step(self, name: str) -> None:
        """A named step begins."""

    def rows(self, count: int) -> None:
        """So many rows have been worked on since the step began."""


class Silent:
    """Tells nothing."""

    def step(self, name: str) -> None:
        """Nothing."""

    def rows(self, count: int) -> None:
        """Nothing."""
