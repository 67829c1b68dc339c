"""Pairs that are known to be true: subjects of the real registration files, and records of them as
departments write them. Nothing is printed of whom they are about."""

from __future__ import annotations

import csv
import lzma
import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from hub.subjects.matching import matched, prepared

FILES = Path(__file__).parents[3] / "shared" / "data" / "enterprise-registration"
SMALL = ("kinginsun_茂名_all_years.csv", "kinginsun_2018_江西.csv")
LARGE = ("kinginsun_national_300431_rows.csv.xz",)
_NAME, _CODE, _REP, _ADDRESS = "企业名称", "统一社会信用代码", "法人代表", "注册地址"
_TRADITIONAL = str.maketrans("东广国业农电贸发兴华", "東廣國業農電貿發興華")
_WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})


def subjects(files: tuple[str, ...]) -> pl.DataFrame:
    """node (credit code), name, rep, division (of the code), address; each code once."""
    rows = [row for name in files for row in _rows(FILES / name)]
    found = pl.DataFrame(rows, schema=["name", "node", "rep", "address"], orient="row")
    given = [pl.when(~pl.col(c).is_in(["", "N/A"])).then(pl.col(c)).alias(c) for c in ("name", "rep", "address")]  # fmt: skip
    found = found.with_columns(*given, pl.col("node").str.slice(2, 6).alias("division"))
    found = found.filter(pl.col("node").str.len_chars() == 18, pl.col("name").is_not_null())
    return found.unique("node", keep="first", maintain_order=True)


def _rows(path: Path) -> Iterator[tuple[str, ...]]:
    kind = lzma.open if path.suffix == ".xz" else open
    with kind(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row.get(_CODE):
                yield tuple(row[name] or "" for name in (_NAME, _CODE, _REP, _ADDRESS))


def written_otherwise(name: str, chance: random.Random) -> str:
    """A name as somebody else writes it: brackets, width, form, division left out, a wrong character."""
    ways = ("as it is", "brackets", "wide", "form", "division", "typo", "traditional", "blank")
    way = chance.choices(ways, (42, 10, 8, 12, 10, 6, 4, 8))[0]
    place = chance.randrange(2, max(len(name) - 4, 3))
    divided = "市" in name[2:4]
    return {
        "brackets": lambda: name.translate(str.maketrans("（）()", "()〔〕")),
        "wide": lambda: name.translate(_WIDE),
        "form": lambda: _other_form(name),
        "division": lambda: name[name.index("市", 2) + 1 :] if divided else name,
        "typo": lambda: name[:place] + chance.choice("新大美金红") + name[place + 1 :],
        "traditional": lambda: name.translate(_TRADITIONAL),
        "blank": lambda: f"{name[:4]} {name[4:]}",
    }.get(way, lambda: name)()


def _other_form(name: str) -> str:
    whole = "有限责任公司" in name
    return name.replace("责任", "") if whole else name.replace("有限公司", "有限责任公司")


def records(found: pl.DataFrame, many: int, seed: int = 7) -> pl.DataFrame:
    """`many` records without a code, each with `truth` (the subject's code): the name written otherwise, the
    representative in 85 of 100, division in 90, address in 60, sometimes shortened."""
    chance = random.Random(seed)
    rows = []
    for number, one in enumerate(found.sample(many, seed=seed).to_dicts()):
        address = one["address"] if chance.random() < 0.6 else None
        if address and chance.random() < 0.3:
            address = address[: max(len(address) - 4, 6)]
        rows.append({
            "node": f"NAM-{number}", "name": written_otherwise(one["name"], chance), "truth": one["node"],
            "rep": one["rep"] if chance.random() < 0.85 else None,
            "division": one["division"] if chance.random() < 0.9 else None, "address": address,
        })  # fmt: skip
    return pl.DataFrame(rows, schema=dict.fromkeys(("node", "name", "truth", "rep", "division", "address"), pl.String))  # fmt: skip


def measured(files: tuple[str, ...], many: int, absent: int, seed: int = 7) -> dict[str, float]:
    """precision and recall at the automatic threshold, share of records that wait, and counts.

    `absent` records are of subjects that the register doesn't have: whatever they are linked to is wrong.
    """
    known = subjects(files)
    missing = records(known, absent, seed + 1)
    register = known.filter(~pl.col("node").is_in(missing["truth"].implode()))
    present = records(register, many, seed)
    lonely = pl.concat([present, missing.with_columns(pl.format("ABS-{}", "node").alias("node"))])
    links = matched(prepared(lonely), prepared(register))
    told = links.join(lonely.select(lonely="node", truth="truth"), on="lonely")
    linked = told.filter("automatic")
    right = linked.filter(pl.col("coded") == pl.col("truth")).height
    waiting = told.filter(~pl.col("lonely").is_in(linked["lonely"].implode()))["lonely"].n_unique()
    return {
        "register": register.height, "records": many, "absent": absent, "linked": linked.height,
        "precision": right / max(linked.height, 1), "recall": right / many, "waiting": waiting / many,
    }  # fmt: skip
