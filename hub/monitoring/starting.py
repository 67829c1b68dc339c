"""What every program of the hub does first: its log and its traces, as the settings ask for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hub.monitoring.logs import log_faults, start_logging
from hub.monitoring.traces import start_traces

#: Programs that run for long and that nobody watches: they tell what they do, and their faults are lines.
SERVING = ("serve", "worker", "portal", "beat")
LARGEST = 1 << 20  # bytes of a declaration


def start_program(site: Path, command: str) -> None:
    """Begin logging and tracing; `command` is the subcommand of `hub`.

    Raises Misdeclared (log_setting_wrong).
    """
    serving = command in SERVING
    start_logging(os.environ, _declarations(site), usual="info" if serving else "warning")
    if serving:
        log_faults()
    start_traces(os.environ, command)


def _declarations(site: Path) -> Iterator[str]:
    """The texts in which secrets are referred to; what can't be read refers to none."""
    for folder in ("feeds", "targets"):
        for path in (site / folder).rglob("*.yml"):
            with suppress(OSError, UnicodeDecodeError):
                if path.stat().st_size <= LARGEST:
                    yield path.read_text(encoding="utf-8")
