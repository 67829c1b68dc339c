"""Categories of real messages against the tree that comes with them: of 300 messages, drawn by chance, one of
us read the text and said the first level (`read_by_hand.csv`: numbers and titles, no text)."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from hub.complaints.category_tree import texts_of
from hub.complaints.suggesting import TOP, fit, suggested

TREE, BOOK = (
    f"complaints/tipdm2020_fujian{name}.xlsx" for name in ("1_category_tree", "3_hot_messages")
)
READ = Path(__file__).with_name("read_by_hand.csv")
PARTS = 5  # each held out once


@pytest.fixture
def tree(shared: Path) -> pl.DataFrame:
    """(text, label) of the 517 rows; a label is the first level's title."""
    levels = pl.read_excel(shared / "data" / TREE, infer_schema_length=0)
    assert levels.height == 517
    path = pl.concat_str(pl.all(), separator="/")
    return texts_of(levels.select(code=path, path=path)).with_columns(label=levels["一级分类"])


@pytest.fixture
def read(shared: Path) -> pl.DataFrame:
    """(text, label) of the messages that were read, in an order of chance."""
    book = pl.read_excel(shared / "data" / BOOK, infer_schema_length=0)
    texts = book.select(
        ticket_no="留言编号", text=pl.concat_str("留言主题", "留言详情", separator="。")
    )
    found = pl.read_csv(READ, infer_schema_length=0).join(texts, on="ticket_no", how="left")
    assert found["text"].null_count() == 0
    return found.sample(fraction=1, shuffle=True, seed=1).select("text", label="category")


def shares(truth: list[str], told: list[list[str]]) -> tuple[float, float]:
    """How many first suggestions are right, and how many of three."""
    right = [(one == them[0], one in them[:TOP]) for one, them in zip(truth, told, strict=True)]
    return sum(a for a, _ in right) / len(right), sum(b for _, b in right) / len(right)


def asked(learnt: pl.DataFrame, tree: pl.DataFrame, texts: pl.Series) -> list[list[str]]:
    model = fit(learnt, tree)
    assert model is not None
    return [[label for label, _ in one] for one in suggested(model, texts)]


def test_what_is_suggested_for_messages_that_somebody_read(
    read: pl.DataFrame, tree: pl.DataFrame, figures: dict[str, int | float]
) -> None:
    truth, told = [], []
    for part in range(PARTS):
        held_out = pl.int_range(read.height) % PARTS == part
        mine = read.filter(held_out)
        truth += mine["label"].to_list()
        told += asked(read.filter(~held_out), tree, mine["text"])
    first, of_three = shares(truth, told)
    alone = shares(read["label"].to_list(), asked(read.clear(), tree, read["text"]))
    usual = read["label"].value_counts(sort=True)["count"]
    figures["categories by hand: messages read"] = read.height
    figures["categories by hand: first right, of messages held out"] = round(first, 3)
    figures["categories by hand: one of three right"] = round(of_three, 3)
    figures["categories by hand: first right by the tree alone"] = round(alone[0], 3)
    figures["categories by hand: one of three right by the tree alone"] = round(alone[1], 3)
    figures["categories by hand: the most frequent"] = round(usual[0] / read.height, 3)
    figures["categories by hand: one of the three most frequent"] = round(
        usual[:TOP].sum() / read.height, 3
    )
    assert first > usual[0] / read.height + 0.1
    assert of_three > usual[:TOP].sum() / read.height + 0.05
    assert alone[0] > 3 / read["label"].n_unique()
