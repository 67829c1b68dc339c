"""What private data look like: a pattern for candidates, and a check that tells real ones.

Patterns are for plain text (`publisher.plain_characters`). A letter or digit beside a number means
that it is part of something else, such as a batch number; 第…号 is a certificate or a document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from exchange_schemas.identifiers import resident_expected
from publisher import home_addresses

_EDGE = r"(?-u:\b)"
_BLANKS, _GAP = r"\s{0,2}", r"[\s\-.]{0,2}"
_D = "[0-9]"
_PROVINCE = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_MONTH_DAY = r"(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)(?:0[1-9]|[12]\d|30)|02(?:0[1-9]|[12]\d))"  # fmt: skip
_AREA = r"0(?:10|2[0-9]|[3-9][0-9]{2})"
_LOCAL = r"[2-8][0-9]{2,3}[\s\-]?[0-9]{4}(?:\s?(?:-|转|分机|ext\.?)\s?[0-9]{1,5})?"
# GA 36-2018: the province's sign, the office's letter, five or (new energy) six signs; no I, no O.
PLATE_OF = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使]"
_SIGN = "[A-HJ-NP-Za-hj-np-z0-9]"
_NEW_ENERGY = "[A-HJKa-hjk]"
_PLATE = (
    rf"(?<hit>{PLATE_OF}\s?[A-HJ-NP-Za-hj-np-z][\s·•・.\-]{{0,2}}(?:"
    rf"{_NEW_ENERGY}\s?{_SIGN}(?:\s?{_D}){{4}}{_EDGE}|{_D}(?:\s?{_D}){{4}}\s?{_NEW_ENERGY}{_EDGE}|"
    rf"{_SIGN}(?:\s?{_SIGN}){{4}}{_EDGE}|{_SIGN}(?:\s?{_SIGN}){{3}}\s?[挂学警港澳领]))"
)
_AT = r"(?:@|(?i:[(\[]\s?at\s?[)\]]))"
_MAIL = (
    rf"(?<hit>[A-Za-z0-9][A-Za-z0-9._%+\-]{{0,63}}\s?{_AT}\s?"
    r"[A-Za-z0-9][A-Za-z0-9\-]{0,62}(?:\s?\.\s?[A-Za-z0-9\-]{1,63}){0,4}\s?\.\s?[A-Za-z]{2,12})"
)

# What stands before a number that is no private one, or makes it a card of any bank.
_REGISTERED = r"(?:注册号|执照号?码?|登记号|许可证号?|编码|备案号)[是为:\s(]{0,3}$"
_ORDERED = r"(?:订单|运单|快递单|流水|批|货|条形?码|商品码)号?码?[是为:\s(]{0,3}$"
_ACCOUNT = r"(?:卡|[账帐]号|[账帐]户|户头)[^。;\n]{0,30}$"


@dataclass(frozen=True, slots=True)
class Recogniser:
    """`patterns` find candidates, which are the group `hit` of a match; `look` is a cheap pattern
    that every text with a candidate has.

    `holds` says of candidates (Boolean) which are real: a frame with `hit`, the 40 characters
    `before` it and the 20 `after` it, all in plain text, and `first`: whether the text begins
    with it.
    """

    look: str
    patterns: tuple[str, ...]
    holds: Callable[[pl.DataFrame], pl.Series]


def _hit(pattern: str) -> str:
    return rf"(?<hit>\+?{_EDGE}(?:{pattern})){_EDGE}"


def _digits(least: int, most: int | None = None) -> str:
    return rf"{_D}(?:{_BLANKS}{_D}){{{least - 1},{(most or least) - 1}}}"


def _numbers(found: pl.DataFrame) -> pl.Series:
    return found["hit"].str.replace_all("[^0-9Xx]", "").str.to_uppercase()


def _free(found: pl.DataFrame) -> pl.Series:
    """Neither 第…号 nor, where single digits stand apart, some of a longer row of them."""
    before, hit, after = found["before"], found["hit"], found["after"]
    goes_on = hit.str.contains(rf"\s{_D}$") & after.str.contains(rf"^\s{{1,2}}{_D}{_EDGE}")
    came_from = hit.str.contains(rf"^{_D}\s") & before.str.contains(rf"{_EDGE}{_D}\s{{1,2}}$")
    return ~(before.str.contains(r"第\s?$") | goes_on | came_from)


def _resident(found: pl.DataFrame) -> pl.Series:
    """GB 11643: province, birth date, and for 18 characters the check digit; the old 15 aren't
    told from an enterprise's register number but by what stands before them."""
    numbers = _numbers(found)
    new = rf"^{_PROVINCE}\d{{4}}(?:19|20)\d\d{_MONTH_DAY}\d{{3}}[\dX]$"
    old = rf"^{_PROVINCE}\d{{6}}{_MONTH_DAY}\d{{3}}$"
    checked = numbers.str.contains(new) & (numbers.str.slice(17, 1) == resident_expected(numbers))
    aged = numbers.str.contains(old) & ~found["before"].str.contains(_REGISTERED)
    return (checked.fill_null(value=False) | aged) & _free(found)


def _mobile(found: pl.DataFrame) -> pl.Series:
    return _free(found) & ~found["before"].str.contains(rf"{_ORDERED}|{_D}\.$")


def _landline(found: pl.DataFrame) -> pl.Series:
    numbers = found["hit"].str.replace("(?:转|分机|ext).*", "").str.replace_all("[^0-9]", "")
    complete = numbers.str.contains(rf"^{_AREA}[2-8][0-9]{{6,12}}$")
    return complete & _free(found) & ~found["before"].str.contains(rf"{_ORDERED}|{_D}\.$")


def _card(found: pl.DataFrame) -> pl.Series:
    """China UnionPay's numbers (62) anywhere, those of others where a card or account is named."""
    numbers = _numbers(found)
    issued = numbers.str.starts_with("62") | found["before"].str.contains(_ACCOUNT)
    return issued & _luhn(numbers) & _free(found)


def _luhn(numbers: pl.Series) -> pl.Series:
    """ISO/IEC 7812: every second digit from the right doubled, sum divisible by ten."""
    backwards = numbers.str.reverse()
    total = pl.repeat(0, numbers.len(), dtype=pl.Int32, eager=True)
    for place in range(19):
        digit = backwards.str.slice(place, 1).cast(pl.Int32, strict=False).fill_null(0)
        total += digit if place % 2 == 0 else digit * 2 - (digit > 4).cast(pl.Int32) * 9
    return total % 10 == 0


def _plate(found: pl.DataFrame) -> pl.Series:
    return found["hit"].str.count_matches(_D) >= 2


def _always(found: pl.DataFrame) -> pl.Series:
    return found["hit"].is_not_null()


# Ten digits with little between them: less is none of the numbers looked for.
_LONG = rf"{_D}(?:[\s\-.)]{{0,3}}{_D}){{9}}"

# Written with blanks anywhere, or with hyphens between the groups in which such numbers are read;
# each way of writing is looked for by itself, so that none swallows another.
RECOGNISERS = {
    "resident_id": Recogniser(
        _LONG,
        (
            _hit(rf"{_D}{{17}}[0-9Xx]|{_D}{{15}}"),
            _hit(
                rf"{_D}{{6}}{_GAP}{_D}{{4}}{_GAP}{_D}{{2}}{_GAP}{_D}{{2}}{_GAP}{_D}{{3}}{_GAP}[0-9Xx]"
            ),
            _hit(rf"{_D}{{6}}{_GAP}{_D}{{2}}{_GAP}{_D}{{2}}{_GAP}{_D}{{2}}{_GAP}{_D}{{3}}"),
            _hit(rf"{_digits(17)}{_BLANKS}[0-9Xx]"),
            _hit(_digits(15)),
        ),
        _resident,
    ),
    "mobile": Recogniser(
        _LONG,
        (
            _hit(rf"(?:(?:00)?86[)\s\-]{{0,2}}|0)?1[3-9]{_D}{_GAP}{_D}{{4}}{_GAP}{_D}{{4}}"),
            _hit(rf"(?:(?:00)?86[)\s\-]{{0,2}}|0)?1{_BLANKS}[3-9]{_BLANKS}{_digits(9)}"),
            _hit(rf"1[3-9]{_D}{_GAP}{_D}{{3}}{_GAP}{_D}{{5}}"),
        ),
        _mobile,
    ),
    "landline": Recogniser(
        _LONG,
        (
            rf"(?<hit>\(\s?{_AREA}\s?\)[\s\-]{{0,2}}{_LOCAL}){_EDGE}",
            _hit(rf"{_AREA}[)\s\-]{{0,3}}{_LOCAL}"),
            _hit(rf"0{_BLANKS}{_digits(9, 11)}"),
        ),
        _landline,
    ),
    "bank_card": Recogniser(
        _LONG,
        (
            _hit(rf"{_D}{{16,19}}"),
            _hit(rf"{_D}{{4}}(?:{_GAP}{_D}{{4}}){{3}}(?:{_GAP}{_D}{{1,3}})?"),
            _hit(_digits(16, 19)),
        ),
        _card,
    ),
    "licence_plate": Recogniser(
        rf"{PLATE_OF}\s?[A-Za-z]",
        (_PLATE,),
        _plate,
    ),
    "email": Recogniser(
        _AT,
        (_MAIL,),
        _always,
    ),
    "home_address": Recogniser(
        home_addresses.LOOK, home_addresses.PATTERNS, home_addresses.is_home
    ),
}
