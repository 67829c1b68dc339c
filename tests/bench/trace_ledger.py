"""A trace ledger of any size, made of columns: lots that a farm sells to three dealers and these to fifteen shops.

A lot has 40 rows. Of seven lots in ten every row names the stage before; in the others only the lot leads on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from hub.analysis.inputs import Inputs
from hub.trace.movements import CERTIFICATES, LEDGER
from hub.trace.shelf import PAPERS

ROWS = 40  # of a lot
FARMS, DEALERS, SHOPS = 5_000, 20_000, 200_000
_WITHOUT = 3  # lots of ten whose rows name no stage before
_IN, _OUT = "进", "出"


@dataclass(frozen=True, slots=True)
class Generated(Inputs):
    """Inputs whose ledger is made up; `size` rows."""

    size: int = 0

    def scan(self, dataset: str) -> pl.LazyFrame:
        """The ledger, or the certificates of its farms' sales."""
        if dataset == LEDGER:
            return ledger(self.size).lazy()
        sales = pl.int_range(self.size // ROWS * 3, eager=True).to_frame("n")
        code = _code(pl.col("n") // 3, pl.col("n") % 3)
        return (
            sales.lazy()
            .select(
                _key=code,
                trace_batch_no=code,
                kind=pl.lit("检疫"),
                certificate_no=pl.col("n").cast(pl.String),
                issuer=pl.lit("茂名市农业农村局"),
                issued_on=pl.lit("2026-01-01"),
                valid_to=pl.lit("2026-12-31"),
            )
            .select("_key", *PAPERS.columns)
        )

    def erased(self, dataset: str) -> int:
        """Nothing."""
        return 0

    def seqs(self, datasets: Iterable[str]) -> Mapping[str, int]:  # type: ignore[override]
        """As if each row were an entry."""
        return {name: self.size if name in (LEDGER, CERTIFICATES) else 0 for name in datasets}


def batch(lot: int) -> str:
    """The batch number of a lot: one in twenty lots shares it with another producer's."""
    return f"B{lot - lot % 20 if lot % 20 == 1 else lot:08d}"


def code(lot: int, row: int) -> str:
    """The trace code of a lot's row."""
    return f"T{lot:010d}{row:02d}"


def ledger(size: int) -> pl.DataFrame:
    """`size` rows, in the order of lots."""
    rows = pl.select(i=pl.int_range(size)).with_columns(
        lot=pl.col("i") // ROWS, row=pl.col("i") % ROWS
    )
    parts = pl.DataFrame(_parts()).cast(_TYPES)  # type: ignore[arg-type]
    rows = rows.join(parts, on="row", how="left", maintain_order="left")
    lot = pl.col("lot")
    named = pl.col("before").is_not_null() & (lot % 10 >= _WITHOUT)
    number = pl.when(lot % 20 == 1).then(lot - 1).otherwise(lot)
    return rows.select(
        _key=_code(lot, pl.col("row")),
        trace_batch_no=_code(lot, pl.col("row")),
        prev_batch_no=pl.when(named).then(_code(lot, pl.col("before"))),
        operator_name=_name("who"),
        operator_uscc=_uscc("who"),
        direction="direction",
        counterparty_name=_name("other"),
        counterparty_uscc=pl.when(pl.col("other") < 100).then(_uscc("other")),
        product_name=pl.format("产品{}", lot % 500),
        product_category=pl.lit("肉类"),
        producer_name=pl.format("第{}号养殖场", lot % FARMS),
        spec=pl.lit("散装"),
        batch=pl.format("B{}", number.cast(pl.String).str.zfill(8)),
        produced_on=pl.lit("2026-01-01"),
        expires_on=pl.lit("2026-12-31"),
        quantity=pl.col("quantity").cast(pl.String),
        unit=pl.lit("千克"),
        happened_at=pl.format("2026-0{}-{}T05:00:00+08:00", lot % 9 + 1, pl.col("day") + 10),
        division_code=pl.lit("440902"),
    )


_TYPES = {
    "row": pl.Int64, "before": pl.Int64, "who": pl.Int64, "other": pl.Int64, "quantity": pl.Int64,
    "day": pl.Int64, "direction": pl.String,
}  # fmt: skip


def _parts() -> list[dict[str, object]]:
    """The forty rows of a lot; parties are 0 (the farm), 1–3 (dealers), 10–24 (shops), 100 (a person)."""
    told: list[tuple[int | None, int, str, int, int, int]] = []
    told += [(None, 0, _OUT, one, 500, 0) for one in (1, 2, 3)]  # rows 0–2
    told += [(one - 1, one, _IN, 0, 500, 1) for one in (1, 2, 3)]  # rows 3–5
    shops = [(1 + n // 5, 10 + n) for n in range(15)]
    told += [(2 + dealer, dealer, _OUT, shop, 100, 2) for dealer, shop in shops]  # rows 6–20
    told += [(6 + n, shop, _IN, dealer, 100, 3) for n, (dealer, shop) in enumerate(shops)]  # 21–35
    told += [(21 + n, 10 + n, _OUT, 100, 1, 4) for n in range(4)]  # 36–39
    names = ("before", "who", "direction", "other", "quantity", "day")
    return [{"row": n, **dict(zip(names, one, strict=True))} for n, one in enumerate(told)]


def _code(lot: pl.Expr, row: pl.Expr) -> pl.Expr:
    texts = (lot.cast(pl.String).str.zfill(10), row.cast(pl.String).str.zfill(2))
    return pl.concat_str(pl.lit("T"), *texts)


def _name(column: str) -> pl.Expr:
    who, lot = pl.col(column), pl.col("lot")
    return (
        pl.when(who == 0)
        .then(pl.format("第{}号养殖场", lot % FARMS))
        .when(who < 10)
        .then(pl.format("第{}号批发部", _dealer(who)))
        .when(who < 100)
        .then(pl.format("第{}号店", _shop(who)))
        .otherwise(pl.lit("个人"))
    )


def _uscc(column: str) -> pl.Expr:
    who, lot = pl.col(column), pl.col("lot")
    number = pl.when(who == 0).then(lot % FARMS)
    number = number.when(who < 10).then(1_000_000 + _dealer(who)).otherwise(2_000_000 + _shop(who))
    return pl.format("91440902MA{}X", number.cast(pl.String).str.zfill(7))


def _dealer(who: pl.Expr) -> pl.Expr:
    return (pl.col("lot") * 3 + who) % DEALERS


def _shop(who: pl.Expr) -> pl.Expr:
    return (pl.col("lot") * 7_919 + who) % SHOPS
