"""Groups of near-duplicates: what is alike is together, whatever was changed; every member is like its star."""

from __future__ import annotations

import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.complaints.near_duplicates import ALIKE, SHINGLE, groups, shingled

LETTERS = "".join(chr(0x4E00 + n) for n in range(2000))


def a_text(seed: int, length: int = 150) -> str:
    chance = random.Random(seed)
    return "".join(chance.choice(LETTERS) for _ in range(length))


def frame(*texts: str) -> pl.DataFrame:
    numbers = [f"T{n:03d}" for n in range(len(texts))]
    schema = {"ticket_no": pl.String, "text": pl.String}
    return pl.DataFrame({"ticket_no": numbers, "text": texts}, schema=schema)


def jaccard(one: str, other: str) -> float:
    """Counted with sets, as the definition says."""
    sets = [
        {text[n : n + SHINGLE] for n in range(max(1, len(text) - SHINGLE + 1))}
        for text in (one, other)
    ]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def changed(text: str, how: str, chance: random.Random) -> str:
    if how == "typos":
        letters = list(text)
        for place in chance.sample(range(len(text)), max(1, len(text) // 50)):
            letters[place] = chance.choice(LETTERS)
        return "".join(letters)
    if how == "appended":
        return f"{text}请有关部门尽快调查处理并给予答复，谢谢！"
    return " ".join(text[n : n + 9] for n in range(0, len(text), 9)).replace(" ", "，\n\t")


@pytest.mark.parametrize("how", ["typos", "appended", "punctuation"])
def test_what_was_changed_a_little_is_found(how: str) -> None:
    chance = random.Random(7)
    texts = [a_text(n) for n in range(60)]
    found = groups(frame(*texts, *(changed(text, how, chance) for text in texts)))
    pairs = found.group_by("group_no").agg("ticket_no").sort("group_no")["ticket_no"].to_list()
    assert [sorted(pair) for pair in pairs] == [[f"T{n:03d}", f"T{n + 60:03d}"] for n in range(60)]


def test_similarity_is_jaccard_s() -> None:
    text = a_text(1, 90)
    other = text[:70] + a_text(2, 20)
    found = groups(frame(text, other))
    assert found["similarity"].min() == pytest.approx(jaccard(text, other))


def test_every_member_is_like_its_representative() -> None:
    """A chain in which each is like the next doesn't become one group."""
    parts = [a_text(n, 40) for n in range(30)]
    texts = ["".join(parts[n : n + 4]) for n in range(20)]
    found = groups(frame(*texts))
    number = {f"T{n:03d}": text for n, text in enumerate(texts)}
    assert found["ticket_no"].is_unique().all()
    assert found["group_no"].n_unique() > 1
    for row in found.iter_rows(named=True):
        alike = jaccard(number[row["ticket_no"]], number[row["representative"]])
        assert row["similarity"] == pytest.approx(alike)
        assert alike >= ALIKE


def test_one_text_sent_by_many_is_one_group() -> None:
    """180,000 pairs are compared, a block of them at one time."""
    text = a_text(3, 250)
    found = groups(frame(*(f"{text}{a_text(n, 4)}" for n in range(600))))
    assert found.height == 600
    assert found["group_no"].n_unique() == 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="甲乙丙，。 \n12aA", max_size=12), min_size=1, max_size=8))
def test_shingles_are_those_of_the_text(texts: list[str]) -> None:
    found = shingled(frame(*texts).with_row_index("row"))
    for place, text in enumerate(texts):
        plain = "".join(one for one in text.lower() if one.isalnum())
        expected = {plain[n : n + SHINGLE] for n in range(max(1, len(plain) - SHINGLE + 1))} - {""}
        assert found.filter(pl.col("row") == place).height == len(expected)


def test_nothing_alike_is_no_group() -> None:
    assert groups(frame(*(a_text(n) for n in range(9)), "", "")).is_empty()
    assert groups(frame()).is_empty()


def test_on_real_messages(shared: Path, figures: dict[str, int | float]) -> None:
    """Recall on injected near-duplicates of 4,326 real messages; docs/complaints.md has these figures."""
    book = shared / "data/complaints/tipdm2020_fujian3_hot_messages.xlsx"
    rows = pl.read_excel(book, infer_schema_length=0)
    real = rows.select(ticket_no="留言编号", text="留言详情")
    chance = random.Random(5)
    chosen = real.sample(300, seed=11)
    added = [
        changed(changed("".join(text.split()), "typos", chance), how, chance)
        for text, how in zip(
            chosen["text"], ["typos", "appended", "punctuation"] * 100, strict=True
        )
    ]
    injected = chosen.select(pl.col("ticket_no") + "X", pl.Series("text", added))
    found = groups(pl.concat([real, injected]))
    group = dict(found.select("ticket_no", "group_no").iter_rows())
    together = sum(group.get(one) == group.get(f"{one}X", "-") for one in chosen["ticket_no"])
    figures["injected near-duplicates found, of 300"] = together
    assert together >= 290
