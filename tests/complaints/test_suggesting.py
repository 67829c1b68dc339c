"""Categories: learnt from closed tickets, better than guessing, and nothing of a text in the file."""

from __future__ import annotations

import random
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from exchange_schemas.errors import Misdeclared
from hub.complaints import category_model
from hub.complaints.category_tree import read_tree
from hub.complaints.suggesting import FEATURES, fit, measured, suggested
from tests.complaints.conftest import Place
from tests.complaints.ticket_data import CATEGORIES, DAY, a_ticket
from tests.hub.ledger_data import put

WORDS = {
    "0101": ("食品", "过期", "面包", "发霉", "超市", "牛奶"),
    "0102": ("电视", "冰箱", "家电", "故障", "维修", "洗衣机"),
    "0201": ("停车", "收费", "车位", "价目", "涨价", "票据"),
    "0301": ("餐厅", "菜品", "服务员", "火锅", "上菜", "包间"),
}


def a_text(code: str, chance: random.Random) -> str:
    """A few words of the category between many of others."""
    noise = "".join(chr(0x4E00 + chance.randrange(4000)) for _ in range(40))
    return noise[:20] + "".join(chance.sample(WORDS[code], 3)) + noise[20:]


def texts(count: int = 240, seed: int = 4) -> pl.DataFrame:
    chance = random.Random(seed)
    codes = [chance.choice(list(WORDS)) for _ in range(count)]
    return pl.DataFrame({
        "ticket_no": [f"T{n:04d}" for n in range(count)],
        "text": [a_text(code, chance) for code in codes],
        "label": codes,
        "received_on": [DAY - timedelta(days=count - n) for n in range(count)],
    })  # fmt: skip


def test_it_is_better_than_the_most_frequent() -> None:
    found = measured(texts())
    assert found is not None
    assert (found.learnt, found.asked, found.left_out) == (192, 48, 0)
    assert found.first > 0.8 > found.baseline_first
    assert found.of_three >= found.first
    assert found.baseline_of_three < 0.95


def test_near_duplicates_don_t_straddle_the_split() -> None:
    rows = texts()
    again = rows[:20].with_columns(
        (pl.col("ticket_no") + "x"), pl.lit(DAY).alias("received_on"), pl.col("text") + "谢谢"
    )
    found = measured(pl.concat([rows, again]))
    assert found is not None
    assert found.left_out == 20


def test_of_too_little_nothing_is_learnt() -> None:
    assert fit(texts(3)) is None
    assert fit(texts().filter(pl.col("label") == "0101")) is None
    assert measured(texts(4)) is None


def test_confidences_rank_and_come_to_one() -> None:
    model = fit(texts())
    assert model is not None
    (found,) = suggested(model, pl.Series(["超市面包过期发霉，牛奶也是"]), most=9)
    assert next(label for label, _ in found) == "0101"
    assert sum(share for _, share in found) == pytest.approx(1)
    assert [share for _, share in found] == sorted((s for _, s in found), reverse=True)


def test_of_two_categories() -> None:
    two = texts().filter(pl.col("label").is_in(["0101", "0201"]))
    model = fit(two)
    assert model is not None
    found = suggested(model, pl.Series(["停车收费涨价票据", "面包发霉过期食品"]))
    assert [one[0][0] for one in found] == ["0201", "0101"]


def tickets() -> list[dict[str, Any]]:
    chance = random.Random(9)
    return [
        a_ticket(
            n, DAY - timedelta(days=300 - n), facts=a_text(code, chance), category_code=f"{code}02",
            category_path=CATEGORIES[code], closed_on=str(DAY),
        )
        for n, code in enumerate(chance.choice(list(WORDS)) for _ in range(120))
    ]  # fmt: skip


def test_the_site_learns_and_suggests(place: Place) -> None:
    asked = a_ticket(
        900, DAY, facts="餐厅火锅上菜慢，服务员态度差", category_code=None, category_path=None
    )
    put(place.engine, "complaint_report", [*tickets(), asked])
    with place.engine.connect() as connection:
        assert (
            category_model.suggest(place.site, connection, place.catalogue, asked["ticket_no"])
            is None
        )
        about = category_model.learn(place.site, connection, place.catalogue)
        again = category_model.learn(place.site, connection, place.catalogue)
        told = category_model.suggest(place.site, connection, place.catalogue, asked["ticket_no"])
        assert category_model.suggest(place.site, connection, place.catalogue, "none") is None
    assert about is not None and again is not None and told is not None
    assert about["version"] == again["version"] == told["version"], (
        "the same tickets, the same model"
    )
    assert (about["tickets"], about["categories"]) == (120, 4)
    assert told["suggestions"][0]["category"] == "0301"


def test_the_file_has_numbers_and_labels_only(place: Place) -> None:
    put(place.engine, "complaint_report", tickets())
    with place.engine.connect() as connection:
        about = category_model.learn(place.site, connection, place.catalogue)
    assert about is not None
    folder = place.site.models / "complaint_category"
    path = folder / f"{about['version']}.npz"
    with np.load(path, allow_pickle=False) as arrays:
        shapes = {name: arrays[name].shape for name in arrays.files}
        labels = arrays["labels"].tolist()
    assert shapes == {
        "labels": (4,),
        "coefficients": (4, FEATURES),
        "intercepts": (4,),
        "rarity": (FEATURES,),
    }
    assert labels == sorted(WORDS)
    with zipfile.ZipFile(path) as packed:
        content = b"".join(packed.read(name) for name in packed.namelist())
    for words in WORDS.values():
        for word in words:
            assert word.encode() not in content
            assert word.encode("utf-32-le") not in content


def test_a_tree_stands_in_where_there_are_no_tickets(place: Place, tmp_path: Path) -> None:
    tree = tmp_path / "tree.csv"
    tree.write_text("code,path\n0301,餐饮/火锅\n0302,餐饮/其他\n0201,停车/停车收费\n,\n", "utf-8")
    rows = read_tree(tree)
    assert rows.rows() == [("餐饮 火锅", "0301"), ("餐饮 ", "0302"), ("停车 停车收费", "0201")]
    asked = a_ticket(1, DAY, facts="小区停车收费没有票据", category_code=None, category_path=None)
    put(place.engine, "complaint_report", [asked])
    with place.engine.connect() as connection:
        assert category_model.learn(place.site, connection, place.catalogue) is None
        about = category_model.learn(place.site, connection, place.catalogue, rows)
        told = category_model.suggest(place.site, connection, place.catalogue, asked["ticket_no"])
    assert about is not None and told is not None
    assert (about["tickets"], about["tree"], about["measured"]) == (0, 3, None)
    assert told["suggestions"][0]["category"] == "0201"


@pytest.mark.parametrize(
    "content", [b"", b"code\n0101\n", b"code,path\n,\n", b"\xff\xfe\x00", None]
)
def test_a_file_that_is_no_tree(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "tree.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Misdeclared) as caught:
        read_tree(path)
    assert caught.value.issue.code == "category_tree"
