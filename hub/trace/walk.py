"""From a batch number or a trace code back to the farm and on to the shops.

A movement follows from another where it names that one's code as the stage before. Where it names none
that is known, the same lot leads on: what one sold to another is what that other bought from it, and
what an operator bought is what it sold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from exchange_schemas.lots import batch_keys_of
from hub.analysis.inputs import Inputs
from hub.trace.links import links
from hub.trace.movements import lot_of, movements
from hub.trace.shelf import PAPERS, ROWS, Shelf, hashed, refreshed

STEPS = 24  # stages in one direction
ROOM = 2_000  # rows in all
PAPERS_ROOM = 4_000
BACK, HERE, ON = "back", "here", "on"
CODE, BATCH = "code", "batch"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far and how wide a walk goes."""

    steps: int = STEPS
    rows: int = ROOM


@dataclass(frozen=True, slots=True)
class Walk:
    """What was found.

    `rows` are movements (`hub.trace.movements`) with `way` (back, here, on: before, at and after where
    the walk began); `links` has before, after (trace codes) and by (code, trade, stock);
    `beside` are all rows that were looked at, so that the walk's can be judged beside the rest of their
    lots, and `papers` the certificates of these. `begun_by` says what was asked for was taken as; `others`
    are lots of the same batch number that the walk didn't begin with, as (batch, producer, product).
    `cut` says that there is more than `Limits` let in.
    """

    asked: str
    begun_by: str
    rows: pl.DataFrame
    links: pl.DataFrame
    papers: pl.DataFrame
    beside: pl.DataFrame
    others: tuple[tuple[str, str, str], ...] = ()
    cut: bool = False


@dataclass(slots=True)
class _Found:
    """Rows by their key, as they come in; `whole` becomes False where there was no more room."""

    shelf: Shelf
    limits: Limits
    rows: pl.DataFrame
    lots: set[int]
    whole: bool = True

    def ask(self, column: str, values: Iterable[str | int]) -> pl.DataFrame:
        """The rows that are new, which are kept."""
        room = self.limits.rows - self.rows.height
        found = self.shelf.find(column, values, self.limits.rows + 1)
        new = found.join(self.rows.select("key"), on="key", how="anti").unique("key")
        if new.height > room or found.height > self.limits.rows:
            self.whole = False
        new = new.sort("happened_at", "key").head(max(room, 0))
        self.rows = pl.concat([self.rows, new])
        return new

    def lots_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of lots that weren't asked for yet."""
        wanted = set(rows["lot_hash"].drop_nulls()) - self.lots
        self.lots |= wanted
        return self.ask("lot_hash", wanted) if wanted else rows.clear()


def walk(
    inputs: Inputs,
    asked: str,
    producer: str | None = None,
    product: str | None = None,
    limits: Limits | None = None,
) -> Walk:
    """The chain of a trace code or a batch number; no rows where neither is known.

    A batch number means nothing without its producer: where several used it, `producer` and `product`
    choose, and the walk tells the `others`.
    """
    with refreshed(inputs, ROWS) as shelf:
        found = _Found(shelf, limits or Limits(), shelf.find("trace_batch_no", (), 1), set())
        begun_by, begin, others = _begin(found, asked.strip(), producer, product)
        if begin.is_empty():
            told = movements(begin.lazy()).collect()
            return Walk(asked, begun_by, _told(told, {}), links(told), _papers(inputs, told), told)
        ahead = _go(found, begin, _onward)
        behind = _go(found, begin, _backward)
    rows = movements(found.rows.lazy()).collect()
    edges = links(rows)
    ways = _ways(edges, set(begin["trace_batch_no"]))
    kept = rows.filter(pl.col("trace_batch_no").is_in(list(ways)))
    mine = pl.col("before").is_in(list(ways)) & pl.col("after").is_in(list(ways))
    whole = found.whole and ahead and behind
    papers = _papers(inputs, rows)
    told, found_links = _told(kept, ways), edges.filter(mine)
    return Walk(asked, begun_by, told, found_links, papers, rows, others, cut=not whole)


def _begin(
    found: _Found, asked: str, producer: str | None, product: str | None
) -> tuple[str, pl.DataFrame, tuple[tuple[str, str, str], ...]]:
    rows = found.ask("trace_batch_no", [asked])
    if rows.height:
        found.lots_of(rows)
        return CODE, rows, ()
    keys = batch_keys_of(asked)[:1]
    if keys and product is not None:
        lot = lot_of(keys[0], producer, product)
        rows = found.ask("lot_hash", hashed(pl.Series([lot]))).filter(pl.col("lot") == lot)
        if rows.height:
            found.lots = set(rows["lot_hash"])
            return BATCH, rows, ()
    rows = found.ask("batch_hash", hashed(pl.Series(keys, dtype=pl.String)))
    rows = rows.filter(pl.col("batch_key").is_in(keys))
    lots = rows.select(
        "batch_key",
        pl.col("producer_name").fill_null(""),
        "product_name",
        "lot",
    ).unique("lot", keep="first", maintain_order=True)
    wanted = lots.filter(_is("producer_name", producer), _is("product_name", product))
    first = wanted.head(1) if producer is None and product is None else wanted
    begin = rows.join(first.select("lot"), on="lot", how="semi")
    found.rows, found.lots = begin, set(begin["lot_hash"])
    rest = lots.join(first.select("lot"), on="lot", how="anti").drop("lot")
    return BATCH, begin, tuple(rest.rows())


def _is(column: str, value: str | None) -> pl.Expr:
    return pl.lit(value=True) if value is None else pl.col(column) == value


def _go(
    found: _Found,
    begin: pl.DataFrame,
    step: Callable[[_Found, pl.DataFrame], pl.DataFrame],
) -> bool:
    """Walk until there is nothing more; False where it had to stop before."""
    front = pl.concat(
        [begin, found.rows.join(begin.select("lot_hash"), on="lot_hash", how="semi")]
    )
    for _ in range(found.limits.steps):
        new = step(found, front)
        new = pl.concat([new, found.lots_of(new)])
        if new.is_empty():
            return True
        front = new
    return False


def _onward(found: _Found, front: pl.DataFrame) -> pl.DataFrame:
    return found.ask("prev_batch_no", front["trace_batch_no"])


def _backward(found: _Found, front: pl.DataFrame) -> pl.DataFrame:
    return found.ask("trace_batch_no", front["prev_batch_no"].drop_nulls())


def _ways(edges: pl.DataFrame, begin: set[str]) -> dict[str, str]:
    """code → back, here or on, of what is before or after the beginning. At most `Limits.rows` codes."""
    after: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    for one, two in edges.select("before", "after").iter_rows():
        after.setdefault(one, []).append(two)
        before.setdefault(two, []).append(one)
    ways = dict.fromkeys(begin, HERE)
    for name, table in ((BACK, before), (ON, after)):
        front = list(begin)
        while front:
            new = [code for one in front for code in table.get(one, ()) if code not in ways]
            ways |= dict.fromkeys(new, name)
            front = list(dict.fromkeys(new))
    return ways


def _told(rows: pl.DataFrame, ways: dict[str, str]) -> pl.DataFrame:
    way = pl.col("trace_batch_no").replace_strict(ways, default=HERE, return_dtype=pl.String)
    return rows.with_columns(way=way).sort("at", "code")


def _papers(inputs: Inputs, rows: pl.DataFrame) -> pl.DataFrame:
    with refreshed(inputs, PAPERS) as shelf:
        return shelf.find("trace_batch_no", rows["trace_batch_no"], PAPERS_ROOM).drop("key")
