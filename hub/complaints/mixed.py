"""Mixed tickets: a demand for oneself (投诉) and a report of a violation (举报) in one text.

市场监督管理投诉举报处理暂行办法 (order 20): art. 3 tells them apart — a complaint is a consumer's dispute over
something bought for daily life, with a demand; a report points to a suspected violation of the law by a
business — and art. 7 has material with both handled separately, each by its own procedure. Which words tell
of which is data: `mixed_words.csv`. What is found are rules of that file, never words of the text.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from hub.complaints.states import COMPLAINT, REPORT

DEMAND, VIOLATION = "demand", "report"
SIDES = (DEMAND, VIOLATION)
# What is denied isn't there: 不要求赔偿, 无需退款, 没有举报过. Only signs of the same clause stand between.
_DENIED = r"(?:不要求|不需要|无需|不用|不是要|并非|没有要求|不想|不为)[^，。；！？,.;!?]{0,6}"
_OTHER = {COMPLAINT: REPORT, REPORT: COMPLAINT}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the list: whose side it tells of, and what it is called."""

    side: str
    name: str
    pattern: str
    title: str
    title_en: str


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of `mixed_words.csv`, in its order."""
    text = files("hub.complaints").joinpath("mixed_words.csv").read_text(encoding="utf-8")
    return tuple(Rule(*row) for row in list(csv.reader(text.splitlines()))[1:])


def found(texts: pl.DataFrame, known: Sequence[Rule] | None = None) -> pl.DataFrame:
    """`texts` (ticket_no, kind, text) with `demand` and `report`: the names of the rules that hold (lists),
    and `part`: what a second ticket would be, null where the ticket isn't mixed.

    A ticket is mixed where a rule of each side holds. Only complaints and reports are looked at.
    """
    every = rules() if known is None else known
    clean = pl.col("text").str.normalize("NFKC").str.replace_all(r"\s", "")
    told = texts.with_columns(clean.alias("_text"))
    told = told.with_columns(
        pl.concat_list(_held(one) for one in every if one.side == side)
        .list.drop_nulls()
        .alias(side)
        for side in SIDES
    )
    both = pl.all_horizontal(pl.col(side).list.len() > 0 for side in SIDES)
    part = pl.col("kind").replace_strict(_OTHER, default=None, return_dtype=pl.String)
    return told.with_columns(pl.when(both).then(part).alias("part")).drop("_text")


def _held(rule: Rule) -> pl.Expr:
    denied = pl.col("_text").str.count_matches(_DENIED + rule.pattern)
    held = pl.col("_text").str.count_matches(rule.pattern) > denied
    return pl.when(held).then(pl.lit(rule.name))


def titles(names: Sequence[str]) -> list[tuple[str, str]]:
    """What rules are called, in Chinese and in English."""
    told = {rule.name: (rule.title, rule.title_en) for rule in rules()}
    return [told[name] for name in names]
