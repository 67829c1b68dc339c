"""Which department handles a ticket, and on which grounds a complaint is refused: rules as data.

`law/complaint_routes.csv` and `law/refuse_grounds.csv`; a site's own file of the first name replaces the
routes whose id it has, or adds further ones.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.law import LAW
from exchange_schemas.law_frame import first_of

ROUTES, GROUNDS = "complaint_routes.csv", "refuse_grounds.csv"


@dataclass(frozen=True, slots=True)
class Route:
    """Tickets of a kind ("" for all) whose category and division begin like this go to a department.

    Valid on the days from `valid_from` to `valid_until` (None: open), both included.
    """

    id: str
    kind: str
    category: str
    division: str
    department: str
    valid_from: date | None
    valid_until: date | None

    def valid_on(self, day: date) -> bool:
        """Whether the route is in force on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a complaint may be refused, on the days on which the rule is in force."""

    ground: str
    title: str
    title_en: str
    basis: str
    valid_from: date | None
    valid_until: date | None


def load_routes(own: Path | None = None) -> tuple[Route, ...]:
    """The most specific first: the longer category, then the longer division, then a kind named.

    Raises Misdeclared (route_invalid).
    """
    packaged = _routes(LAW / ROUTES)
    mine = _routes(own / ROUTES) if own and (own / ROUTES).is_file() else []
    replaced = {route.id for route in mine}
    every = [route for route in packaged if route.id not in replaced] + mine
    return tuple(sorted(every, key=_rank))


def _rank(route: Route) -> tuple[int, int, bool, str]:
    return (-len(route.category), -len(route.division), not route.kind, route.id)


def routed(routes: Sequence[Route], day: date, tickets: pl.DataFrame) -> pl.DataFrame:
    """`tickets` (kind, category_code, division_code) with `department` and `route`, null for none."""
    held = [(_holds(route), route) for route in routes if route.valid_on(day)]
    department = first_of([(condition, pl.lit(route.department)) for condition, route in held])
    name = first_of([(condition, pl.lit(route.id)) for condition, route in held])
    return tickets.with_columns(
        department.cast(pl.String).alias("department"), name.cast(pl.String).alias("route")
    )


def _holds(route: Route) -> pl.Expr:
    asked = [pl.lit(value=True)]
    if route.kind:
        asked.append(pl.col("kind") == route.kind)
    for column, prefix in (("category_code", route.category), ("division_code", route.division)):
        if prefix:
            asked.append(pl.col(column).fill_null("").str.starts_with(prefix))
    return pl.all_horizontal(asked)


def grounds_on(day: date) -> dict[str, Ground]:
    """The grounds in force on the day on which a complaint was received, by number."""
    found = {}
    for row in _rows(LAW / GROUNDS):
        one = Ground(
            row["ground"], row["title"], row["title_en"], row["basis"],
            _day(LAW / GROUNDS, row["ground"], row["valid_from"]),
            _day(LAW / GROUNDS, row["ground"], row["valid_until"]),
        )  # fmt: skip
        begun = one.valid_from is None or one.valid_from <= day
        if begun and (one.valid_until is None or day <= one.valid_until):
            found[one.ground] = one
    return found


def _routes(path: Path) -> list[Route]:
    found: list[Route] = []
    for row in _rows(path):
        name = row["id"]
        if not name or name in [route.id for route in found]:
            raise _invalid(path, name, "the id is missing or stands twice", "id 缺失或者重复")
        if row["department"] not in load_codes("departments").codes:
            told = f"there is no department {row['department']}", f"没有部门 {row['department']}"
            raise _invalid(path, name, *told)
        days = [_day(path, name, row[column]) for column in ("valid_from", "valid_until")]
        parts = (row["kind"], row["category"], row["division"], row["department"])
        found.append(Route(name, *parts, days[0], days[1]))
    return found


_COLUMNS = {
    ROUTES: ("id", "kind", "category", "division", "department", "valid_from", "valid_until"),
    GROUNDS: ("ground", "valid_from", "valid_until", "title", "title_en", "basis"),
}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        expected = _COLUMNS[path.name]
        if tuple(reader.fieldnames or ()) != expected:
            told = ", ".join(expected)
            raise _invalid(path, "1", f"the columns are {told}", f"列应为 {told}")
        rows = list(reader)
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise _invalid(path, str(number), "the row has too few or many cells", "行的列数不对")
    return [{name: cell.strip() for name, cell in row.items()} for row in rows]


def _day(path: Path, name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        told = f"{text[:32]} isn't a day", f"{text[:32]} 不是日期"
        raise _invalid(path, name, *told) from error


def _invalid(path: Path, row: str, reason: str, reason_zh: str) -> Misdeclared:
    words = {"file": path.name, "reason": reason, "reason_zh": reason_zh}
    return Misdeclared(Issue("route_invalid", value=row, params=words))
