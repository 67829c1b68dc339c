"""Prices on the portal: every item with its latest price, one item with its points, and released alerts."""

from __future__ import annotations

from typing import Any

import polars as pl
from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from exchange_schemas.errors import HubError
from exchange_schemas.language import DEFAULT_LOCALE
from publisher.formats.excel_csv import inert, text_kept
from publisher.portal import drawing
from publisher.portal.chart_lines import Mark, Series
from publisher.portal.charts import DAY_SECONDS, SVG
from publisher.portal.pages import chinese, library
from publisher.portal.price_chart import LEVELS, price_lines, small
from publisher.portal.price_data import PRICES, Prices, alerts, prices
from publisher.portal.speech import text
from publisher.prices.lines import line, parts
from publisher.prices.standing import middle_of, standing

price_pages = Blueprint("prices", __name__)

PAGE = 50  # items on a page
_SMALL = "small"


@price_pages.app_context_processor
def offered() -> dict[str, Any]:
    """Lets every page say whether there are prices to lead to."""
    return {"has_prices": _released}


def _released() -> bool:
    try:
        return library().latest(PRICES) is not None
    except HubError:  # it can't be read; the page itself says so
        return False


@price_pages.get("/prices")
def page() -> str:
    """The items, by category and name, or those with `?q=` in their name."""
    known, stands = prices(), alerts().filter(pl.col("lifted_on").is_null())
    asked = request.args.get("q", "").strip()[:100]
    found = (
        known.items.filter(pl.col("item_name").str.contains(asked, literal=True))
        if asked
        else known.items
    )
    counts = dict(stands.group_by("id").len().iter_rows())
    pages_in_all = max(-(-found.height // PAGE), 1)
    number = min(max(request.args.get("page", 1, type=int), 1), pages_in_all)
    return render_template(
        "prices.html", release=known.release, items=found.slice((number - 1) * PAGE, PAGE).to_dicts(), total=found.height,
        page=number, pages_in_all=pages_in_all, asked=asked, counts=counts, alerts=stands.head(20).to_dicts(),
    )  # fmt: skip


@price_pages.get("/prices.csv")
def items_file() -> Response:
    """The items with their latest prices, for spreadsheets."""
    names = (
        "item_name",
        "category",
        "grade_spec",
        "price_type",
        "period",
        "unit",
        "points",
        "day",
        "price",
        "week",
        "month",
    )
    return _file(prices().items, names, "prices")


@price_pages.get("/prices/<item>")
def item(item: str) -> str:
    """One item: its points, its alerts."""
    known = prices()
    about, days = known.item(item), known.of(item)
    stand = standing(days, about["last"])
    names = dict(stand.points.select("point", "point_name").rows())
    pictures = [[names[one] or one for one in part] for part in parts(sorted(names))]
    return render_template(
        "price_item.html", release=known.release, about=about, points=stand.points.to_dicts(),
        middle=stand.middle.to_dicts(), pictures=pictures, alerts=alerts().filter(pl.col("id") == item).to_dicts(),
    )  # fmt: skip


@price_pages.get("/prices/<item>.csv")
def item_file(item: str) -> Response:
    """Every price of one item, for spreadsheets."""
    known = prices()
    known.item(item)
    names = (
        "item_name",
        "grade_spec",
        "price_type",
        "period",
        "unit",
        "point_name",
        "day",
        "price",
    )
    return _file(known.of(item).sort("day", "point"), names, f"prices-{item}")


@price_pages.get("/prices/<item>/releases/<int:number>/<name>.svg")
def picture(item: str, number: int, name: str) -> AnyResponse:
    """A picture of the current release: `small`, or the number of some of the points; of an earlier release it
    leads there. The language is the address's alone, as what is kept by its address is the same for everybody."""
    g.locale = "en" if request.args.get("lang") == "en" else DEFAULT_LOCALE
    known = prices()
    about = known.item(item)
    if number != known.release.number:
        more: dict[str, Any] = {
            one: value for one in ("lang", "narrow") if (value := request.args.get(one))
        }
        return redirect(
            url_for("prices.picture", item=item, number=known.release.number, name=name, **more)
        )
    spec = _spec(known, about, name)
    if spec is None:
        abort(404)
    response = Response(drawing.svg(spec), mimetype=SVG)
    # alerts on it are of another dataset, whose release may change meanwhile
    kept = DAY_SECONDS if name == _SMALL else 60
    response.headers["Cache-Control"] = f"public, max-age={kept}"
    response.add_etag()
    return response.make_conditional(request)


def _spec(known: Prices, about: Any, name: str) -> dict[str, Any] | None:
    days, period = known.of(about["id"]), about["period"]
    if name == _SMALL:
        return small(line(middle_of(days), period)[-200:])
    names = dict(days.select("point", "point_name").unique().rows())
    chosen = parts(sorted(names))
    if not name.isdecimal() or int(name) >= len(chosen):
        return None
    mine = chosen[int(name)]
    lines = [
        Series(names[one] or one, line(days.filter(pl.col("point") == one), period))
        for one in mine
    ]
    if about["points"] > 1:
        lines.append(Series(text("Middle of all points"), line(middle_of(days), period)))
    language = "zh" if chinese() else "en"
    words = dict(zip(LEVELS["zh"], LEVELS[language], strict=True))
    whose = pl.coalesce("point_code", "point_name")  # of all points: null
    told = alerts().filter((pl.col("id") == about["id"]) & (whose.is_null() | whose.is_in(mine)))
    marks = [
        Mark(words[level], day, float(price))
        for level, day, price in told.select("alert_level", "observed_on", "current_price").rows()
        if day and price
    ]
    narrow = bool(request.args.get("narrow"))
    return price_lines(lines, str(about["unit"]), marks, narrow=narrow, language=language)


def _file(found: pl.DataFrame, names: tuple[str, ...], title: str) -> Response:
    """A table with a BOM, and cells that no spreadsheet calculates or rounds."""
    cells = [
        (text_kept(inert(pl.col(n))) if found.schema[n] == pl.String else pl.col(n)).alias(
            text(f"price:{n}")
        )
        for n in names
    ]
    content = found.select(cells).write_csv(line_terminator="\r\n", float_precision=4)
    response = Response(b"\xef\xbb\xbf" + content.encode(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{title}.csv")
    response.headers["Cache-Control"] = "public, no-cache"  # a record may be taken back any day
    response.vary.add("Cookie")
    response.add_etag()
    response.make_conditional(request)
    return response
