"""Who had goods of a walk: how much came in, how much went on, what is left, and at which stage."""

from __future__ import annotations

import polars as pl

from exchange_schemas.days import HERE
from exchange_schemas.standard import Dtype
from hub.trace.movements import IN, OUT
from hub.trace.sides import shown
from hub.trace.walk import BACK

FARM, DEALER, SHOP, PERSON = STAGES = ("farm", "dealer", "shop", "person")
SCHEMA: dict[str, Dtype] = {
    "party": pl.String, "name": pl.String, "uscc": pl.String, "division_code": pl.String,
    "stage": pl.String, "layer": pl.Int64, "received": pl.String, "sold": pl.String,
    "left": pl.String, "first_at": pl.String, "last_at": pl.String,
    "recorded": pl.Boolean, "trace_batch_nos": pl.List(pl.String),
}  # fmt: skip
_LAYERS = 50
_HERE = "%Y-%m-%d %H:%M"


def trades(rows: pl.DataFrame) -> pl.DataFrame:
    """seller, buyer, measure, amount, times of each pair: of each lot what the buyer recorded, else what the
    seller did."""
    pairs = _once(rows).group_by("seller", "buyer", "measure")
    return pairs.agg(pl.col("amount").sum(), times=pl.len()).sort("seller", "buyer", "measure")


def parties(rows: pl.DataFrame) -> pl.DataFrame:
    """`SCHEMA`, by layer from the farm on. `left` is what it received and, by the ledger, hasn't sold: null
    where nothing says what it received, or units don't agree. `recorded` says that it keeps a ledger."""
    if rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    pairs = trades(rows)
    who = _who(rows)
    layers = _layers(pairs)
    flows = _flows(pairs)
    told = who.join(flows, on="party", how="left").join(_reached(rows), on="party", how="left")
    sells = pl.col("party").is_in(pairs.filter(~_person("buyer"))["seller"].implode())
    stage = (
        pl.when(_person("party"))
        .then(pl.lit(PERSON))
        .when(~pl.col("party").is_in(pairs["buyer"].implode()))
        .then(pl.lit(FARM))
        .when(sells)
        .then(pl.lit(DEALER))
        .otherwise(pl.lit(SHOP))
    )
    layer = pl.col("party").replace_strict(layers, default=0, return_dtype=pl.Int64)
    return (
        told.with_columns(stage=stage, layer=layer)
        .sort("layer", "name", "party")
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
    )


def _who(rows: pl.DataFrame) -> pl.DataFrame:
    """party, name, uscc, division_code, recorded: as it calls itself, else as others call it."""
    own = rows.select(
        "party",
        "at",
        name="operator_name",
        uscc="operator_uscc",
        division_code="division_code",
        recorded=pl.lit(value=True),
    )
    others = rows.select(
        "at",
        party="other",
        name="counterparty_name",
        uscc="counterparty_uscc",
        division_code=pl.lit(None, pl.String),
        recorded=pl.lit(value=False),
    ).select(own.columns)
    both = pl.concat([own, others]).sort(~pl.col("recorded"), "at", "name")
    return both.group_by("party", maintain_order=True).agg(
        pl.col("name").first(),
        pl.col("uscc").drop_nulls().first(),
        pl.col("division_code").drop_nulls().last(),
        pl.col("recorded").any(),
    )


def _flows(pairs: pl.DataFrame) -> pl.DataFrame:
    """party, received, sold, left: as text."""
    came = pairs.group_by(party="buyer", measure="measure").agg(came=pl.col("amount").sum())
    went = pairs.group_by(party="seller", measure="measure").agg(went=pl.col("amount").sum())
    both = came.join(went, on=["party", "measure"], how="full", coalesce=True).sort(
        "party", "measure"
    )
    unit = pl.col("measure")
    rest = pl.col("came") - pl.col("went").fill_null(0)
    return both.group_by("party", maintain_order=True).agg(
        received=_joined(shown(pl.col("came"), unit)),
        sold=_joined(shown(pl.col("went"), unit)),
        left=pl.when(unit.n_unique() == 1, pl.col("came").is_not_null().all()).then(
            _joined(shown(rest, unit))
        ),
    )


def _joined(words: pl.Expr) -> pl.Expr:
    some = words.drop_nulls()
    return pl.when(some.len() > 0).then(some.str.join("、"))


def _reached(rows: pl.DataFrame) -> pl.DataFrame:
    """party, first_at, last_at (of what came in, here) and the rows that say so."""
    came = rows.select(
        party="buyer", at=pl.col("at").dt.convert_time_zone(HERE.key), code="code"
    ).sort("at", "code")
    return came.group_by("party").agg(
        first_at=pl.col("at").min().dt.strftime(_HERE),
        last_at=pl.col("at").max().dt.strftime(_HERE),
        trace_batch_nos=pl.col("code"),
    )


def _layers(pairs: pl.DataFrame) -> dict[str, int]:
    """party → how many trades it is from whoever bought from nobody; a circle begins anywhere."""
    edges = [(one, two) for one, two in pairs.select("seller", "buyer").unique().iter_rows()]
    bought = {two for _, two in edges}
    front = {one for one, _ in edges if one not in bought} or {min(one for one, _ in edges)}
    layers = dict.fromkeys(sorted(front), 0)
    for layer in range(1, _LAYERS):
        front = {two for one, two in edges if one in front and two not in layers}
        if not front:
            break
        layers |= dict.fromkeys(sorted(front), layer)
    return layers


def received(rows: pl.DataFrame) -> pl.DataFrame:
    """Each movement of the goods from where the walk began on, once: as its buyer recorded it, else as its
    seller did."""
    return _once(rows.filter(pl.col("way") != BACK))


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    bought = rows.filter(pl.col("direction") == IN)
    told = bought.select("seller", "buyer", "lot")
    sold = rows.filter(pl.col("direction") == OUT)
    sold = sold.join(bought.select(code="prev").drop_nulls(), on="code", how="anti")
    rest = sold.join(told, on=["seller", "buyer", "lot"], how="anti", nulls_equal=True)
    return pl.concat([bought, rest]).sort("at", "code")


def _person(column: str) -> pl.Expr:
    return pl.col(column).str.starts_with("name:")
