"""The enterprises of a legal representative, for the government's eyes only.

The same person is who has the same number of an identity document in the register. Where one side has no
number, it is only the same name, and is marked so: many people share a name. The number itself is compared
and never given out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue
from hub.analysis import columns
from hub.site import Site
from hub.subjects import index
from hub.subjects.parties import REGISTER
from publisher.portal.chart_specs import BRAND, FONT, INK, QUIET, SIZE, WIDE

IDENTITY, NAME_ONLY = "identity", "name"
MOST = 30  # enterprises that are shown
_ROW = 34  # height of one
_SHORT = 34  # characters of a name in the picture


@dataclass(frozen=True, slots=True)
class Relative:
    """An enterprise that has the same legal representative, by identity or by name only."""

    subject: str
    name: str
    state: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Family:
    """`representative` is None where the register names none. `more` were left out."""

    representative: str | None
    relatives: tuple[Relative, ...] = ()
    more: int = 0


def family_of(site: Site, engine: Engine, catalogue: Catalogue, subject: str) -> Family:
    """The other enterprises of the subject's legal representative; those by identity first."""
    mine = (pl.col("subject") == subject) & (pl.col("dataset") == REGISTER)
    keys = index.read(site).frame("mentions", mine)["key"]
    with engine.connect() as connection:
        register = columns.scan(site, connection, catalogue.get(REGISTER))
    own = register.filter(pl.col("_key").is_in(keys.implode())).select("legal_rep_name", "legal_rep_cert_no").collect()  # fmt: skip
    named = own.drop_nulls("legal_rep_name")
    if named.is_empty():
        return Family(None)
    representative, number = named.row(0)
    found = _others(register, representative, number, keys)
    owners = (
        index.read(site).frame("mentions", _of_register(found["_key"])).select("key", "subject")
    )
    told = found.join(owners, left_on="_key", right_on="key").filter(pl.col("subject") != subject)
    told = told.sort("by", "subject_name").unique("subject", keep="first", maintain_order=True)
    rows = told.select("subject", name="subject_name", state="reg_state", by="by").head(MOST)
    relatives = tuple(Relative(**row) for row in rows.to_dicts())
    return Family(str(representative), relatives, max(told.height - MOST, 0))


def _of_register(keys: pl.Series) -> pl.Expr:
    return (pl.col("dataset") == REGISTER) & pl.col("key").is_in(keys.implode())


def _others(
    register: pl.LazyFrame, representative: str, number: str | None, keys: pl.Series
) -> pl.DataFrame:
    """_key, subject_name, reg_state, by: whoever has another number is another person."""
    theirs = pl.col("legal_rep_cert_no")
    same = theirs.eq(pl.lit(number, pl.String)).fill_null(False)
    unknown = theirs.is_null() | pl.lit(number, pl.String).is_null()
    wanted = (pl.col("legal_rep_name") == representative) & (same | unknown)
    found = register.filter(wanted & ~pl.col("_key").is_in(keys.implode()))
    by = pl.when(same).then(pl.lit(IDENTITY)).otherwise(pl.lit(NAME_ONLY))
    rows: pl.DataFrame = found.select("_key", "subject_name", "reg_state", by=by).collect()
    return rows


def picture_of(own: str, family: Family, words: dict[str, str]) -> dict[str, Any]:
    """The graph as a Vega-Lite specification: the representative in the middle, a line to each enterprise,
    dashed where only the name is the same. `words` are `IDENTITY` and `NAME_ONLY` in the reader's language."""
    height = max(len(family.relatives), 1) * _ROW
    middle = height / 2
    boxes = [{"x": 0.0, "y": middle, "text": _short(own), "align": "left"}]
    lines = [_line(330.0, middle, 440.0, middle, words[IDENTITY])]
    for place, one in enumerate(family.relatives):
        y = place * _ROW + _ROW / 2
        lines.append(_line(560.0, middle, 680.0, y, words[one.by]))
        boxes.append({"x": 688.0, "y": y, "text": _short(one.name), "align": "left"})
    person = [{"x": 500.0, "y": middle, "text": family.representative or ""}]
    kinds = [words[IDENTITY], words[NAME_ONLY]]
    at = {
        "x": {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [0, WIDE]}},
        "y": {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [height, 0]}},
    }  # fmt: skip
    dash = {
        "field": "kind", "type": "nominal", "sort": kinds, "scale": {"domain": kinds, "range": [[1, 0], [5, 4]]},
        "legend": {"title": None, "orient": "bottom", "labelFontSize": SIZE, "labelColor": INK, "labelLimit": 0},
    }  # fmt: skip
    text = {"text": {"field": "text"}}
    return {
        "width": WIDE, "height": height, "background": "#ffffff", "padding": 8,
        "config": {"font": FONT, "view": {"stroke": None}},
        "layer": [
            {"data": {"values": lines}, "mark": {"type": "rule", "color": QUIET, "strokeWidth": 1.5},
             "encoding": {**at, "x2": {"field": "x2"}, "y2": {"field": "y2"}, "strokeDash": dash}},
            {"data": {"values": person}, "mark": {"type": "text", "fontSize": 16, "fontWeight": "bold", "color": BRAND},
             "encoding": {**at, **text}},
            {"data": {"values": boxes}, "mark": {"type": "text", "align": "left", "fontSize": SIZE, "color": INK},
             "encoding": {**at, **text}},
        ],
    }  # fmt: skip


def _line(x: float, y: float, x2: float, y2: float, kind: str) -> dict[str, Any]:
    return {"x": x, "y": y, "x2": x2, "y2": y2, "kind": kind}


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"
