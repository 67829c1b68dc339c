"""Which rows of the ledger have to be looked at again, because something near them changed."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exchange_schemas.lots import name_key
from hub.analysis.inputs import Inputs
from hub.trace.movements import CERTIFICATES, FIELDS, LEDGER, keyed, movements
from hub.trace.shelf import PAPERS, ROWS, Shelf, refreshed

_ALL = 2**40  # rows: no limit
_PAPERS = tuple(PAPERS.columns)


@dataclass(frozen=True, slots=True)
class Affected:
    """`rows` are movements with all that they are compared with, `papers` their certificates. `about` are
    the trace codes that are judged again, also those that are gone; None: all that there are. `traders`
    are the names of everybody who trades."""

    rows: pl.DataFrame
    papers: pl.DataFrame
    about: pl.Series | None
    traders: pl.Series


def affected(inputs: Inputs) -> Affected:
    """What came since the last computing, with its lots and what is linked to them; or everything."""
    with refreshed(inputs, ROWS) as shelf, refreshed(inputs, PAPERS) as papers:
        rows = shelf.touched(inputs.known.get(LEDGER, 0))
        told = papers.touched(inputs.known.get(CERTIFICATES, 0))
        if told is None and not inputs.seqs([CERTIFICATES])[CERTIFICATES]:
            told = pl.DataFrame(schema={"code": pl.String, "lot_hash": pl.Int64})
        traders = _traders(shelf)
        if rows is None or told is None:
            return _everything(inputs, traders)
        named = _named_since(inputs, traders)
        return _near(shelf, papers, pl.concat([rows, told, named]), traders)


def _traders(shelf: Shelf) -> pl.Series:
    """The names of all who trade: who keeps a ledger, and whom one names."""
    operators = shelf.all_names("operator")["operator_name"]
    return pl.concat([operators, shelf.all_names("party")["counterparty_name"]]).unique()


def _named_since(inputs: Inputs, traders: pl.Series) -> pl.DataFrame:
    """code and lot_hash (null) of what the public sees with an issuer who trades by now: it is named no more."""
    issuer = pl.col("certificates").str.extract(r"^\S+ \S+ (.+)$", 1)
    trading = traders.to_frame("name").select(name_key(pl.col("name"))).to_series().unique()
    shown = inputs.scan("food_trace_public").select("trace_code", "producer_name", "certificates")
    told = shown.explode("certificates").filter(
        name_key(issuer).is_in(trading.implode()),
        name_key(issuer).ne_missing(name_key(pl.col("producer_name"))),
    )
    codes = told.select(code="trace_code", lot_hash=pl.lit(None, pl.Int64)).unique()
    return pl.DataFrame(codes.collect())


def _everything(inputs: Inputs, traders: pl.Series) -> Affected:
    rows = movements(keyed(inputs.scan(LEDGER).select("_key", *FIELDS))).collect()
    return Affected(rows, inputs.frame(CERTIFICATES, *_PAPERS).drop("_key"), None, traders)


def _near(shelf: Shelf, papers: Shelf, touched: pl.DataFrame, traders: pl.Series) -> Affected:
    """The touched rows and lots, those that name them or are named by them with their lots, and what
    these name."""
    # Who names a row as the stage before is looked at also where that row is gone.
    named = [shelf.find(n, touched["code"], _ALL) for n in ("trace_batch_no", "prev_batch_no")]
    first = _with_lots(shelf, pl.concat(named).unique("key"), touched)
    second = _with_lots(shelf, _linked(shelf, first), None)
    judged = pl.concat([first, second]).unique("key")
    whole = pl.concat([judged, _linked(shelf, judged)]).unique("key")
    rows = movements(whole.lazy()).collect()
    about = pl.concat([judged["trace_batch_no"], touched["code"]]).unique().rename("code")
    told = papers.find("trace_batch_no", rows["code"], _ALL).drop("key")
    return Affected(rows, told, about, traders)


def _with_lots(shelf: Shelf, rows: pl.DataFrame, touched: pl.DataFrame | None) -> pl.DataFrame:
    lots = pl.concat([rows["lot_hash"], *([] if touched is None else [touched["lot_hash"]])])
    found = shelf.find("lot_hash", lots.drop_nulls(), _ALL)
    return pl.concat([rows, found]).unique("key")


def _linked(shelf: Shelf, rows: pl.DataFrame) -> pl.DataFrame:
    named = shelf.find("trace_batch_no", rows["prev_batch_no"].drop_nulls(), _ALL)
    naming = shelf.find("prev_batch_no", rows["trace_batch_no"], _ALL)
    return pl.concat([named, naming]).unique("key")
