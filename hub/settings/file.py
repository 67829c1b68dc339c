"""`hub.toml`: what stands in it, and on which line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

NAME = "hub.toml"  # in the site's folder
VARIABLE = "HUB_CONFIG"  # … or where this says
_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*[.=]""")


@dataclass(frozen=True, slots=True)
class Written:
    """`key` is `table.name`; `line` is where it stands, None where that couldn't be found."""

    key: str
    value: object
    line: int | None


def place_of(site: Path, environment: Mapping[str, str]) -> Path | None:
    """The file of settings; None where there is none. Raises Misdeclared (settings_missing)."""
    if named := environment.get(VARIABLE):
        if not Path(named).is_file():
            raise Misdeclared(Issue("settings_missing", value=named))
        return Path(named)
    own = site / NAME
    return own if own.is_file() else None


def read_file(path: Path) -> list[Written]:
    """All that is written in it; raises Misdeclared (settings_unreadable)."""
    try:
        source = path.read_text(encoding="utf-8-sig")
        told = tomllib.loads(source)
    except (OSError, ValueError, RecursionError) as error:  # TOMLDecodeError, UnicodeDecodeError
        reason = error.strerror if isinstance(error, OSError) else _reason(error)
        words = {"reason": str(reason)}
        raise Misdeclared(Issue("settings_unreadable", file=str(path), params=words)) from None
    lines = _lines(source)
    return [Written(key, value, lines.get(key)) for key, value in _flat(told)]


def _reason(error: Exception) -> str:
    """What is wrong and where; of bytes that aren't text not which: they may be of a secret."""
    if isinstance(error, UnicodeDecodeError):
        return "it isn't UTF-8"
    return str(error) if isinstance(error, tomllib.TOMLDecodeError) else "nested too deeply"


def _flat(told: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    for name, value in told.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _lines(source: str) -> dict[str, int]:
    """Key → line. Good for what people write; a key that hides in a text of several lines may be
    taken for one, which costs nothing but a wrong line number."""
    found, table = dict[str, int](), ""
    for number, line in enumerate(source.splitlines(), 1):
        if head := _TABLE.fullmatch(line):
            table = "".join(head[1].split()) + "."
        elif key := _KEY.match(line):
            dotted = line.partition("=")[0].strip() if "=" in line else key[1]
            found.setdefault(table + dotted.replace('"', "").replace("'", ""), number)
    return found
