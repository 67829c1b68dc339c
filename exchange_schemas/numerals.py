"""Numbers written in Chinese, in everyday characters (三千五百) and those of cheques (叁仟伍佰)."""

from __future__ import annotations

_DIGITS = {
    **{letter: n for n, letter in enumerate("零一二三四五六七八九")},
    **{letter: n for n, letter in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "○": 0,
    "两": 2,
    "貳": 2,
    "叄": 3,
    "陸": 6,
    "弍": 2,
    "弎": 3,
}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}

#: Every character that such a number may have.
CHARACTERS = "".join([*_DIGITS, *_TENS, *_LARGE])


def _spoken(text: str) -> bool:
    """三万五 is 35,000 in talk: a digit behind a large unit needs a zero between or a unit behind."""
    last, before = _DIGITS.get(text[-1]), text[-2:-1]
    return bool(last) and (before in [*_LARGE] or _TENS.get(before, 0) > 10)


def chinese_number(text: str) -> int | None:
    """The whole number that `text` is, as 12000 for 壹万贰仟; None where it isn't one."""
    if not text or any(letter not in CHARACTERS for letter in text):
        return None
    if all(letter in _DIGITS for letter in text):  # 二〇二五
        return int("".join(str(_DIGITS[letter]) for letter in text))
    if text[0] in _LARGE or _spoken(text):
        return None
    total, section, digit = 0, 0, None
    for letter in text:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        elif letter in _TENS:
            section += (digit if digit is not None else 1) * _TENS[letter]  # 十五
            digit = None
        else:
            section += digit or 0
            unit = _LARGE[letter]
            total = (total + section) * unit if total < unit else total + section * unit
            section, digit = 0, None
    return total + section + (digit or 0)
