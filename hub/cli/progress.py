"""Progress on a terminal, on standard error so that output can be piped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from hub.cli.context import Session

# Names of steps as people read them; message ids.
STEPS = {
    "pull": "keeping the delivery",
    "open": "loading what the ledger holds",
    "check": "reading, normalising, validating",
    "judge": "looking for what is gone",
    "append": "writing the ledger",
    "review": "preparing what is to be reviewed",
    "release": "building releases",
    "checking current records": "checking current records",
}


class Terminal:
    """One line that says what is being done and how many rows have been worked on."""

    def __init__(self, session: Session, bar: Bar, title: str) -> None:
        self._session = session
        self._bar = bar
        self._task = bar.add_task(title, total=None, rows="", step="")

    def step(self, name: str) -> None:
        """Show the step."""
        self._bar.update(self._task, step=self._session.text(STEPS.get(name, name)))

    def rows(self, count: int) -> None:
        """Show the rows."""
        self._bar.update(self._task, rows=f"{count:,}")


@contextmanager
def terminal(session: Session, title: str) -> Iterator[Terminal]:
    """A progress line for one task; it vanishes at the end."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.fields[step]}"),
        TextColumn("{task.fields[rows]}", justify="right"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Terminal(session, bar, title)
