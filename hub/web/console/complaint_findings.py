"""Hot spots of complaints on a map of tiles and as a table, and groups of near-duplicate tickets."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import request, url_for

from exchange_schemas.codes import load_codes
from hub.complaints import results
from hub.web.console.complaints import WATCHING
from hub.web.console.console import Answer, Console
from hub.web.console.cookies import locale
from hub.web.console.pictures import picture
from hub.web.console.rendering import page
from hub.web.console.visit import Visit
from publisher.portal.chart_specs import Square, tiles
from publisher.portal.tiles import grid

MOST = 200  # groups on the page
_BLANK = dict.fromkeys(
    ("category", "category_code", "division_code", "respondent_name", "respondent_uscc")
)
PLACES = ("地区", "事项和地区")  # kinds of hot spot that have a place


def add_complaint_findings(console: Console) -> None:
    """Put the pages on the console."""

    @console.page("/complaints/hot-spots", WATCHING)
    def hot_spots(_visit: Visit) -> Answer:
        with console.engine.connect() as connection:
            catalogue = console.catalogue()
            every = results.periods(console.site, connection, catalogue)
            found = results.hot_spots(console.site, connection, catalogue, _period())
        squares = _squares(found)
        spec = tiles(squares, narrow=False)
        return page(
            "complaint_hot_spots.html",
            found=[{**_BLANK, **row, "place": _place(row.get("division_code"))} for row in found],
            periods=every,
            chosen=_period() or (every[0] if every else None),
            squares=squares,
            map=url_for(
                "complaint_findings.hot_spot_map", period=_period(), lang=request.args.get("lang")
            ),
            size=(spec["width"], spec["height"]),
        )

    @console.page("/complaints/hot-spots.svg", WATCHING)
    def hot_spot_map(_visit: Visit) -> Answer:
        with console.engine.connect() as connection:
            found = results.hot_spots(console.site, connection, console.catalogue(), _period())
        return picture(tiles(_squares(found), narrow=False))

    @console.page("/complaints/groups", WATCHING)
    def groups(_visit: Visit) -> Answer:
        with console.engine.connect() as connection:
            found = results.groups(console.site, connection, console.catalogue())
        return page("complaint_groups.html", groups=found[:MOST], count=len(found))


def _period() -> str | None:
    return request.args.get("period") or None


def _squares(found: list[dict[str, Any]]) -> list[Square]:
    """The city's counties, with how many hot spots each has."""
    counted = Counter(row["division_code"] for row in found if row["kind"] in PLACES)
    chinese = locale() == "zh_CN"
    return [
        Square(one.code, one.title if chinese else one.title_en, one.count, one.column, one.row)
        for one in grid(counted).tiles
    ]


def _place(code: str | None) -> str:
    """A division's name in the language of the page; its code where it has none."""
    found = load_codes("divisions").codes.get(code or "")
    if found is None:
        return code or ""
    return found.title if locale() == "zh_CN" else found.title_en or found.title
