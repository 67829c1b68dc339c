"""Acts by commands are in the audit log as those in the console are: who, which command, on what.

While a command runs, each of its transactions ends with an entry (`hub.audit.acting`). What only looks or runs
for long isn't wrapped: it is the hub's own work, and nobody decides anything in it.
"""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from hub.audit.log import Entry

#: Commands and groups that look, run for long, or do upkeep that no person decides on.
UNNOTED = frozenset({
    "init", "upgrade", "config", "doctor", "serve", "portal", "worker", "beat", "storage", "status",
    "alert", "backup", "restore", "move", "demo", "verify", "consume", "scoreboard",
})  # fmt: skip
#: Commands below a group that only look.
LOOKING = frozenset({
    "list", "show", "diff", "preview", "status", "log", "overdue", "due", "verify", "holders",
})  # fmt: skip
#: Acts that change files and not the database: their entry is written around them.
BY_FILES = frozenset({"keys new", "keys retire"})
#: Parameters whose values say on what it was done, and nothing of a record, a secret or a party. A filing's
#: number is its party's secret, so `number` counts only where it is one.
HARMLESS = frozenset({
    "dataset", "datasets", "department", "roles", "feed", "run_id", "version", "records", "consumer", "policy",
    "decision", "outcome", "code", "days", "day", "person", "system", "security", "audit", "number", "granted",
    "refused", "keyid", "fingerprint", "target",
})  # fmt: skip
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)
_MOST = 20  # values of one parameter that are told


def noted(command: click.Command, path: str) -> click.Command:
    """The command, a copy of somebody's own, whose leaves are acts of a person unless they only look."""
    if path in UNNOTED:
        return command
    if isinstance(command, click.Group):
        command.commands = {n: noted(one, f"{path} {n}") for n, one in command.commands.items()}
    elif path.rpartition(" ")[2] not in LOOKING and command.callback is not None:
        command.callback = _acting(command.callback, path)
    return command


def _acting(call: Callable[..., Any], path: str) -> Callable[..., Any]:
    @wraps(call)
    def called(*arguments: Any, **named: Any) -> Any:
        from hub.audit.acting import acting  # keeps `hub --help` quick
        from hub.audit.log import COMMAND, Entry

        given = _given(click.get_current_context(), named)
        person = str(named["actor"]) if "actor" in given and named["actor"] else None
        details = {"options": sorted(given), **_harmless(named, given)}
        entry = Entry(person or _operator(), f"command {path}", way=COMMAND, details=details)
        with _first_written(entry) if path in BY_FILES else acting(entry):
            return call(*arguments, **named)

    return called


@contextmanager
def _first_written(entry: Entry) -> Iterator[None]:
    """Write the entry, do what changes files, and keep the entry unless that fails."""
    from hub.audit.log import append
    from hub.database import write

    with write(click.get_current_context().obj.engine()) as connection:
        append(connection, entry)
        yield


def _given(context: click.Context, named: dict[str, Any]) -> set[str]:
    """The options that stood on the command line."""
    told = (n for n in named if context.get_parameter_source(n) is ParameterSource.COMMANDLINE)
    return {name for name in told if name != "as_json"}


def _harmless(named: dict[str, Any], given: set[str]) -> dict[str, Any]:
    values = {name: _plain(name, named[name]) for name in sorted(given & HARMLESS)}
    return {name: one for name, one in values.items() if one}


def _plain(name: str, value: Any) -> Any:
    """A short word, or several; "" for anything else, such as a path or the number of a filing."""
    if isinstance(value, tuple | list):
        return [one for one in (_plain(name, one) for one in value[:_MOST]) if one]
    text = str(value)
    plain = text.isdecimal() if name == "number" else bool(_PLAIN.fullmatch(text))
    return text if plain else ""


def _operator() -> str:
    return f"os:{getpass.getuser()}"
