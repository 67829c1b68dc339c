"""The list of abnormal operations as a table of a data warehouse: UTF-8 with BOM, cryptic names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from adapters.feeds.samples import town
from adapters.feeds.samples.dice import Dice
from adapters.feeds.samples.town import Business

COUNT = 60
HEADER = (
    "busexclist", "comp_nm", "uni_social_crd_cd", "reg_no", "inclu_dt", "inclu_reason",
    "decorg_cn", "remove_dt", "remexcpres_cn", "redecorg_cn", "ent_stat_dt",
)  # fmt: skip

_REASONS = (
    ("未按照规定的期限公示年度报告。", "补报年度报告"),
    ("未在责令期限内公示有关企业信息。", "补公示企业信息"),
    ("公示企业信息隐瞒真实情况、弄虚作假。", "更正公示信息"),
    ("通过登记的住所或者经营场所无法联系。", "重新取得联系"),
)
_LAST = date(2026, 10, 30)


def file() -> bytes:
    """The whole table: header and 60 rows."""
    lines = [",".join(row) for row in (HEADER, *_rows())]
    return ("\n".join(lines) + "\n").encode("utf-8-sig")


def _rows() -> Iterator[tuple[str, ...]]:
    dice = Dice("maoming-abnormal")
    for number in range(1, COUNT + 1):
        business = dice.early(town.businesses()[:220])
        row = _row(dice, number, business)
        if number == 38:
            row["inclu_reason"] = "其他"  # a reason that the law doesn't know
        yield tuple(row.values())


def _row(dice: Dice, number: int, business: Business) -> dict[str, str]:
    reason, remedy = dice.pick(_REASONS)
    listed = dice.day(date(2019, 7, 1), date(2026, 7, 31))
    removed = listed + timedelta(days=dice.between(20, 700))
    over = removed <= _LAST and dice.chance(0.6)
    authority = town.regulator(business.division).name
    cells = (
        f"YC{business.division}{listed:%Y}{number:05d}",
        business.name,
        business.uscc or "",
        business.reg_no,
        f"{listed:%Y%m%d}",
        reason,
        authority,
        f"{removed:%Y%m%d}" if over else r"\N",
        remedy if over else r"\N",
        authority if over else r"\N",
        "2026-11-01",
    )
    return dict(zip(HEADER, cells, strict=True))
