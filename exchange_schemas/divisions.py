"""Administrative divisions: which codes exist, and which one a name means on a day.

The list `divisions` has this city's divisions. Those of other places are known from python-stdnum's
table of GB/T 2260 and from the list `divisions_elsewhere`, which adds what the table lacks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache

from stdnum import numdb

from exchange_schemas.code_list import Code, CodeList
from exchange_schemas.codes import load_codes
from exchange_schemas.formats import FORMATS

PREFECTURE = "00"  # how the code of a whole city ends

#: Taiwan, Hong Kong, Macao: the table has no divisions of theirs.
_UNTOLD = ("71", "81", "82")
_ZONE = "7"  # the fifth digit of development zones (71–79), which GB/T 2260 doesn't have


def unlisted_division(codes: CodeList) -> Callable[[str], bool]:
    """Says whether a division code of 6, 9 or 12 digits is of no division in the list.

    Only codes of a listed prefecture (four digits and 00) are judged: the list has the divisions of
    this city and not those of the whole country. What lacks the form isn't judged.
    """
    formed, ours = _form().fullmatch, _prefectures(codes)
    return lambda code: (
        code[:4] in ours and code[:6] not in codes.codes and formed(code) is not None
    )


def unlisted_elsewhere(codes: CodeList) -> Callable[[str], bool]:
    """Says whether a division code of another place is of no division that ever had it."""
    formed, ours, known = _form().fullmatch, _prefectures(codes), divisions_elsewhere()

    def unlisted(code: str) -> bool:
        exempt = code[:2] in _UNTOLD or code[4:5] == _ZONE or code[:4] in ours
        return code[:6] not in known and not exempt and formed(code) is not None

    return unlisted


def _form() -> re.Pattern[str]:
    return re.compile(FORMATS["division-code"].pattern)


def _prefectures(codes: CodeList) -> frozenset[str]:
    return frozenset(code[:4] for code in codes.codes if code.endswith(PREFECTURE))


def divisions_elsewhere() -> frozenset[str]:
    """The codes of all divisions of the country, present and past, of 6 digits.

    Raises Misdeclared (codelist_invalid).
    """
    return frozenset([*_table(), *load_codes("divisions_elsewhere").codes])


@cache
def _table() -> dict[str, str]:
    """Code → names (several where it was used again) of python-stdnum's table."""
    found = {}
    for _, province, _, words, divisions in numdb.get("cn/loc").prefixes:
        found[f"{province}0000"] = words["province"]
        found |= {f"{province}{one[1]}": one[3]["county"] for one in divisions}
    return found


def division_named(name: str, day: date) -> Code | None:
    """The city's division that had the name on that day, with or without the city's before it.

    A name that is no longer right, or a zone's, is looked up in `division_aliases`.
    Raises Misdeclared (codelist_invalid).
    """
    divisions, plain = load_codes("divisions"), name.strip()
    inside = re.sub(city_prefix(), "", plain)
    for rows in divisions.periods.values():
        for row in rows:
            named = row.title in {inside, plain.removeprefix(_province(row.code))}
            if named and row.valid_on(day):
                return row
    aliases = load_codes("division_aliases")
    alias = aliases.on(plain, day) or aliases.on(inside, day)
    return divisions.on(alias.more["division"], day) if alias else None


def city_prefix() -> str:
    """A pattern of what stands before names inside the city: 茂名市, 广东省茂名市."""
    codes = load_codes("divisions").codes.items()
    cities = [code for name, code in codes if name.endswith(PREFECTURE)]
    told = [f"(?:{_province(code.code)})?{re.escape(code.title)}" for code in cities]
    return f"^(?:{'|'.join(told)})" if told else "^$"


def _province(code: str) -> str:
    """The name of the province that a division lies in."""
    return _table().get(f"{code[:2]}0000", "")
