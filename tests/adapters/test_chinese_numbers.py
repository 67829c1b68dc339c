"""Numbers in Chinese characters: all that are well formed, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chinese_numbers import LARGEST, everyday, spelt, strict_number
from exchange_schemas.numerals import CHARACTERS


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("零", 0), ("十", 10), ("一十五", 15), ("廿", None), ("一百零五", 105), ("一千零五十", 1050), ("两千", 2000),
        ("一万零五十", 10050), ("一万五百", 10500), ("壹拾万柒仟", 107000), ("叁億零伍佰", 300_000_500),
        ("一千二百三十四万五千六百七十八亿", 1_234_567_800_000_000), ("一万亿", 10**12),
        ("", None), ("一二百", None), ("十十", None), ("百", None), ("一万五", None), ("二百五", None),
        ("万", None), ("一二三", None), ("一百二百", None), ("一亿一万亿", None), ("三千万五百万", None),
    ],
)  # fmt: skip
def test_numbers(text: str, number: int | None) -> None:
    assert strict_number(text) == number


def test_every_small_number_comes_back() -> None:
    assert [strict_number(spelt(number)) for number in range(30_000)] == list(range(30_000))


@settings(max_examples=500)
@given(st.integers(0, LARGEST))
def test_every_number_comes_back(number: int) -> None:
    assert strict_number(spelt(number)) == number
    assert len(set(spelt(number))) == len(set(everyday(spelt(number))))


@settings(max_examples=500)
@given(st.text(CHARACTERS, max_size=9))
def test_what_is_read_is_written_with_the_same_characters(text: str) -> None:
    number = strict_number(text)
    if number is not None:
        left = [everyday(text).replace("零", ""), spelt(number).replace("零", "")]
        assert left[0].replace("一十", "十") == left[1].replace("一十", "十")
