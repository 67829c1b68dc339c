"""Credit classes: how many subjects are in which, by division; lists of them; and one, explained.

For the government only: whoever has a role in a department sees it, and nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from flask import Response, request
from sqlalchemy import Connection, select

from exchange_schemas.codes import load_codes
from exchange_schemas.credit_rules import CLASSES, CreditRules
from exchange_schemas.days import today
from hub.credit.distribution import Asked, counts, listing
from hub.credit.explaining import Explained, explain
from hub.credit.people import OFFICE
from hub.credit.versions import in_force
from hub.states import HANDLER
from hub.tables import dataset
from hub.tables_of_review import disclosure
from hub.web.console.console import Answer, Console
from hub.web.console.pictures import picture
from hub.web.console.policy import STAFF
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.formats.excel_csv import inert, text_kept
from publisher.portal.chart_specs import Point, Square, bars, tiles
from publisher.portal.tiles import grid

ROWS = 50  # subjects on a page
MOST = 100_000  # subjects in a file
LONGEST = 100  # characters of what is looked for
_LOW = CLASSES[2:]  # what the tiles count: C and D


def add_credit(console: Console) -> None:
    """Put the pages on the console."""
    _add_overview(console)
    _add_pictures(console)
    _add_subject(console)


def _add_overview(console: Console) -> None:
    @console.page("/credit", STAFF)
    def overview(_visit: Visit) -> Answer:
        asked, after = _asked(), _after()
        catalogue = console.catalogue()
        with console.engine.connect() as connection:
            rules = in_force(connection, today())
            found = _counted(console, connection)
            rows = listing(console.site, connection, catalogue, asked, ROWS + 1, after).to_dicts()
        chinese = speech(console).chinese
        return page(
            "credit.html", rules=rules, by_class=_classes(rules, found, chinese),
            places=_places(found, chinese), asked=asked, rows=rows[:ROWS], after=after,
            more=len(rows) > ROWS, step=ROWS, query=_query(asked), choices=_choices(chinese),
        )  # fmt: skip

    @console.page("/credit/list.csv", STAFF)
    def listed(_visit: Visit) -> Answer:
        catalogue = console.catalogue()
        with console.engine.connect() as connection:
            found = listing(console.site, connection, catalogue, _asked(), MOST)
        return csv(found, "credit.csv")


def csv(rows: pl.DataFrame, name: str) -> Response:
    """A file that Excel opens, and in which nothing is calculated or taken for a number; it isn't kept by
    browsers."""
    kept = rows.with_columns(text_kept(inert(pl.col(pl.String))))
    text = kept.write_csv(include_bom=True, line_terminator="\r\n")
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _add_pictures(console: Console) -> None:
    @console.page("/credit/classes.svg", STAFF)
    def classes_picture(_visit: Visit) -> Answer:
        chinese = speech(console).chinese
        with console.engine.connect() as connection:
            rules = in_force(connection, today())
            found = _counted(console, connection)
        told = _classes(rules, found, chinese)
        points = [Point(name, f"{name} {title}", count) for name, title, count in told]
        return picture(bars(points, narrow=False))

    @console.page("/credit/divisions.svg", STAFF)
    def divisions_picture(_visit: Visit) -> Answer:
        chinese = speech(console).chinese
        with console.engine.connect() as connection:
            found = _counted(console, connection)
        low = {place: sum(told.get(c, 0) for c in _LOW) for place, told in found.items() if place}
        squares = [
            Square(t.code, t.title if chinese else t.title_en, t.count, t.column, t.row)
            for t in grid(low).tiles
        ]
        return picture(tiles(squares, narrow=False))


def _add_subject(console: Console) -> None:
    @console.page("/credit/<credit_subject>", STAFF)
    def subject(visit: Visit, credit_subject: str) -> Answer:
        with console.engine.connect() as connection:
            rules = in_force(connection, today())
            found = explain(console.site, connection, console.catalogue(), credit_subject)
            links = _links(connection, visit, found)
        may_take = OFFICE in visit.departments(HANDLER)
        titles = {one.id: one.title.of(speech(console).chinese) for one in rules.dimensions}
        return page(
            "credit_subject.html", found=found, record=found.record, rules=rules, links=links,
            may_take=may_take, titles=titles, named=_named(speech(console).chinese),
        )  # fmt: skip


def _links(connection: Connection, visit: Visit, found: Explained) -> dict[tuple[str, str], str]:
    """(dataset, key) → the record's page in the console, of those that this person may open."""
    mine = visit.departments()
    wanted: dict[str, list[str]] = {}
    for one in found.counted:
        wanted.setdefault(one.line.dataset, []).append(one.line.key)
    links: dict[tuple[str, str], str] = {}
    for name, keys in wanted.items():
        query = (
            select(disclosure.c.key, disclosure.c.record_id)
            .join(dataset, dataset.c.id == disclosure.c.dataset_id)
            .where(dataset.c.name == name, disclosure.c.key.in_(keys))
            .where(disclosure.c.department.in_(sorted(mine)))
        )
        links |= {(name, row.key): row.record_id for row in connection.execute(query)}
    return links


def _asked() -> Asked:
    """What the address asks for."""
    told = {name: request.args.get(name, "").strip()[:LONGEST] or None
            for name in ("class", "division", "industry", "q")}  # fmt: skip
    return Asked(told["class"], told["division"], told["industry"], told["q"])


def _after() -> int:
    told = request.args.get("after", "")
    return int(told) if told.isdecimal() and len(told) < 8 else 0


def _query(asked: Asked) -> dict[str, str]:
    told = {"class": asked.credit_class, "division": asked.division,
            "industry": asked.industry, "q": asked.text}  # fmt: skip
    return {name: value for name, value in told.items() if value}


Found = dict[str | None, dict[str, int]]


def _counted(console: Console, connection: Connection) -> Found:
    """Division → class → subjects."""
    catalogue = console.catalogue()
    rows = counts(console.site, connection, catalogue, Asked(), "division_code")
    found: Found = {}
    for place, name, count in rows.iter_rows():
        found.setdefault(place, {})[name] = count
    return found


def _classes(rules: CreditRules, found: Found, chinese: bool) -> list[tuple[str, str, int]]:
    """(class, what it is called, subjects)."""
    return [
        (
            grade.name,
            grade.title.of(chinese),
            sum(told.get(grade.name, 0) for told in found.values()),
        )
        for grade in rules.grades
    ]


def _places(found: Found, chinese: bool) -> list[dict[str, Any]]:
    """A row for each division: code, title, subjects by class, those of the two lowest."""
    named = _named(chinese)["division"]
    return [
        {
            "code": place or "",
            "title": named.get(place or "", place or ""),
            "classes": told,
            "all": sum(told.values()),
            "low": sum(told.get(name, 0) for name in _LOW),
        }
        for place, told in sorted(found.items(), key=lambda pair: pair[0] or "~")
    ]


def _named(chinese: bool) -> Mapping[str, Mapping[str, str]]:
    """Titles of codes, by what they are codes of."""
    lists = {"division": "divisions", "industry": "industries"}
    return {
        name: {
            c: one.title if chinese else one.title_en for c, one in load_codes(of).codes.items()
        }
        for name, of in lists.items()
    }


def _choices(chinese: bool) -> Mapping[str, Mapping[str, str]]:
    """What may be asked for: classes, the city's divisions, sections of industry."""
    named = _named(chinese)
    divisions = load_codes("division_tiles").codes
    return {
        "class": {name: name for name in CLASSES},
        "division": {code: named["division"].get(code, code) for code in divisions},
        "industry": {code: title for code, title in named["industry"].items() if len(code) == 1},
    }
