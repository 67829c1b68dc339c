"""What analyses computed, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.cli.context import Session
from hub.cli.output import show_table
from hub.cli.shown_runs import COUNTS, TITLES

_SHOWN = [(word, title) for word, title in zip(COUNTS, TITLES, strict=True) if word != "accepted"]


def show_computed(session: Session, found: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """A table of analysis → dataset → counts of `hub.analysis.results.enter`."""
    rows = [
        (name, dataset, *(count[word] for word, _ in _SHOWN))
        for name, counts in found.items()
        for dataset, count in counts.items()
    ]
    columns = ("Analysis", "Dataset", *(title for _, title in _SHOWN))
    show_table(session, columns, rows, "Analyses")
