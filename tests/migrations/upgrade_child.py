"""A process that upgrades the database at URL, and says each step before it is begun."""

from __future__ import annotations

import sys

from hub.database import connect
from hub.migrations.exclusive import UPGRADE, alone
from hub.migrations.upgrading import upgrade


class Told:
    """Steps, on standard output."""

    def step(self, name: str) -> None:
        """At once: the process may be killed next."""
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()

    def rows(self, count: int) -> None:
        """Nothing."""


if __name__ == "__main__":
    with alone(sys.argv[1]):
        outcome = upgrade(connect(sys.argv[1], UPGRADE), Told())
    sys.stdout.write(f"done {len(outcome.plan.steps)}\n")
