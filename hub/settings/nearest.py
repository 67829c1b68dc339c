"""Names that nobody knows, each with the known one that was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from exchange_schemas.issue import Issue
from hub.settings.catalogue import BY_KEY, NAMES
from hub.settings.setting import REFERENCE

_OURS = re.compile(r"HUB_[A-Z0-9_]+")
_DECLARATIONS = ("hub.toml", "ckan.yml", "feeds/**/*.yml", "targets/**/*.yml")


def unknown_key(key: str, file: str, line: int | None) -> Issue:
    """The issue for a key that stands in the file; says nothing of its value, which may be a secret."""
    words = {"nearest": _nearest(key, BY_KEY), "known": _of_table(key)}
    return Issue("setting_unknown", line, key, key, file, words)


def unknown_names(environment: Mapping[str, str], site: Path) -> list[Issue]:
    """A warning for each variable of the environment that begins with HUB_ and means nothing, neither
    to the program nor to a declaration of the site that refers to it."""
    ours = {name for name in environment if _OURS.fullmatch(name)} - NAMES
    if not ours:
        return []
    known = set(_referred(site)) if site.is_dir() else set[str]()
    known |= {f"{name}_FILE" for name in known}
    return [
        Issue(
            "setting_name_unknown",
            field=name,
            value=name,
            params={"nearest": _nearest(name, NAMES)},
        )
        for name in sorted(ours - known)
    ]


def _nearest(name: str, known: Iterable[str]) -> str:
    """The known one that is nearest; of names without a table, one whose own name fits."""
    known = sorted(known)
    if found := get_close_matches(name, known, 1, 0.6):
        return found[0]
    last = name.rpartition(".")[2]
    return next((one for one in known if one.rpartition(".")[2] == last), "—")


def _of_table(key: str) -> str:
    """The keys of the table that was meant, or the tables."""
    table = key.partition(".")[0]
    mine = [one for one in BY_KEY if one.startswith(f"{table}.")]
    return ", ".join(mine or sorted({f"[{one.partition('.')[0]}]" for one in BY_KEY}))


def _referred(site: Path) -> Iterator[str]:
    """Names that the site's declarations refer to as `${NAME}`, or name."""
    for pattern in _DECLARATIONS:
        for path in site.glob(pattern):
            text = path.read_text(encoding="utf-8", errors="replace")
            yield from REFERENCE.findall(text)
            yield from _OURS.findall(text)
