"""Whole numbers in Chinese characters, strictly: what isn't well formed isn't guessed at.

`exchange_schemas.numerals` reads them leniently (一二百 is 200 to it). Here a number counts only if
writing it out again gives the same characters, but for zeros, which people set differently.
"""

from __future__ import annotations

from exchange_schemas.numerals import CHARACTERS, chinese_number

DIGITS = "零一二三四五六七八九"
_SMALL = ("", "十", "百", "千")
_EIGHT = 10**8
LARGEST = 10**16 - 1

_PLAIN = {10: "十", 100: "百", 1_000: "千"}
_LARGE = {"萬": "万", "億": "亿", "万": "万", "亿": "亿"}


def _everyday() -> dict[int, str]:
    """Character → its everyday twin: 贰 → 二, 佰 → 百, 〇 → 零."""
    table = {}
    for letter in CHARACTERS:
        number = chinese_number(letter)
        plain = _LARGE.get(letter) if number is None else _PLAIN.get(number)
        table[ord(letter)] = plain or DIGITS[number or 0]
    return table


_EVERYDAY = _everyday()


def everyday(text: str) -> str:
    """The text with the characters of cheques and other forms as everyday ones."""
    return text.translate(_EVERYDAY)


def spelt(number: int) -> str:
    """The number in everyday characters: 10050 → 一万零五十; from 0 to `LARGEST`."""
    if number == 0:
        return DIGITS[0]
    for worth, unit in ((_EIGHT, "亿"), (10_000, "万")):
        high, low = divmod(number, worth)
        if high:
            gap = DIGITS[0] if 0 < low < worth // 10 else ""
            return spelt(high) + unit + gap + (spelt(low) if low else "")
    return _section(number)


def _section(number: int) -> str:
    """The number below 10,000."""
    out = ""
    for place, digit in zip(reversed(range(4)), f"{number:04}", strict=True):
        if digit != "0":
            out += DIGITS[int(digit)] + _SMALL[place]
        elif out and number % 10**place and not out.endswith(DIGITS[0]):
            out += DIGITS[0]
    return out


def strict_number(text: str) -> int | None:
    """The whole number that is written in Chinese characters; None where it isn't well formed."""
    plain = everyday(text)
    number = chinese_number(plain)
    if number is None or number > LARGEST:
        return None
    return number if _bare(plain) == _bare(spelt(number)) else None


def _bare(plain: str) -> str:
    """Without zeros, and without the one that people leave out before ten."""
    return plain.replace(DIGITS[0], "").replace("一十", "十")
