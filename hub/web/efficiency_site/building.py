"""Writes the pages of the efficiency view into a folder, from which a browser shows them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.days import today
from hub.complaints.efficiency import COUNTS, DAYS, GROUPS, summed
from hub.complaints.efficiency_words import code_names, shown_days, titled
from hub.scoreboard_words import shown_rate
from hub.terms import shown
from hub.web.scoreboard_site import bars
from publisher.static_site import replacing, write_pages

MARK = ".efficiency"  # a file in the folder says that it may be replaced as a whole
_STATIC = Path(__file__).parent.parent / "scoreboard_site" / "static"
COLUMNS = (*COUNTS, "on_time_rate", *DAYS)
_RATES = ("on_time_rate",)
_TIMES = ("accept_90", "close_90")


def write_site(
    rows: pl.DataFrame,
    supervised: Sequence[Mapping[str, Any]],
    months: tuple[str, str],
    folder: Path,
    place: str = "",
) -> int:
    """Write all pages into `folder`, in place of an older view; returns how many pages.

    `rows` as `efficiency.efficiency` gives them, `supervised` as `showing.supervised`. Raises Misdeclared
    (efficiency_folder_taken), OSError.
    """
    with replacing(folder, MARK, "efficiency_folder_taken") as fresh:
        shutil.copytree(_STATIC, fresh / "assets")
        first, last = months
        more = {"first": first, "last": last, "on": today(), "place": place, "bars": bars}
        more |= {"rate": shown_rate, "days": shown_days, "groups": _groups()}
        more |= {
            "columns": {name: titled(name) for name in COLUMNS},
            "rates": _RATES,
            "times": DAYS,
        }
        pages = {
            "index.html": ("index.html", _index(rows)),
            **{f"{name}.html": ("group.html", _group(rows, name)) for name in GROUPS},
            "supervision.html": ("supervision.html", _supervision(supervised)),
        }
        return write_pages(fresh, "hub.web.efficiency_site", pages, more)


def _groups() -> dict[str, tuple[str, str]]:
    return {name: titled(name) for name in GROUPS}


def _index(rows: pl.DataFrame) -> dict[str, Any]:
    return {
        "total": summed(rows, ()).row(0, named=True),
        "charts": [
            _rates(rows, "department", lie=True),
            _lengths(rows, "department", "accept_90"),
            _lengths(rows, "department", "close_90"),
            _rates(rows, "month", lie=False),
        ],
        "months": summed(rows, ("month",)).rows(named=True),
    }


def _group(rows: pl.DataFrame, name: str) -> dict[str, Any]:
    found = summed(rows, (name,)).rows(named=True)
    charts = [_rates(rows, name, lie=name != "month")]
    charts += [_lengths(rows, name, measure) for measure in _TIMES]
    told = [{**row, "names": code_names(name, row[name])} for row in found]
    return {"group": name, "rows": told, "charts": charts}


def _rates(rows: pl.DataFrame, by: str, *, lie: bool) -> dict[str, Any]:
    """A chart of the share that was on time."""
    found = summed(rows, (by,)).rows(named=True)
    told = {code_names(by, row[by])[0]: row["on_time_rate"] for row in found}
    shown = {name: shown_rate(value) for name, value in told.items()}
    drawn = bars.lying(told) if lie else bars.standing(told)
    return {"title": _by("on_time_rate", by), "bars": drawn, "lie": lie, "shown": shown}


def _lengths(rows: pl.DataFrame, by: str, measure: str) -> dict[str, Any]:
    """A chart of days, the longest of which fills the room."""
    found = summed(rows, (by,)).rows(named=True)
    told = {code_names(by, row[by])[0]: row[measure] for row in found}
    most = max((value for value in told.values() if value is not None), default=0) or 1
    scaled = {name: None if value is None else value / most for name, value in told.items()}
    shown = {name: shown_days(value) for name, value in told.items()}
    return {"title": _by(measure, by), "bars": bars.lying(scaled), "lie": True, "shown": shown}


def _by(measure: str, group: str) -> tuple[str, str]:
    both = zip(titled(measure), titled(group), strict=True)
    chinese, english = (f"{what} · {by}" for what, by in both)
    return chinese, english


def _supervision(supervised: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    told = [
        {
            **row,
            "names": code_names("department", row["department"] or "-"),
            "whys": [titled(f"why_{why}") for why in row["why"]],
            "due": row["due_at"] and shown(row["due_at"]),
            "states": titled(f"state_{row['state']}"),
        }
        for row in sorted(supervised, key=lambda one: one["due_at"] or "~")
    ]
    return {"rows": told}
