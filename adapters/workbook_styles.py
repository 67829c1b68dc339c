"""What the styles of a workbook's cells make of a number: a day, a moment, a duration or a number.

A day at midnight is another thing than a day: what counts is whether a time is shown with it.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from adapters.workbook_zip import Package
from adapters.xml_elements import local_name

NUMBER, DAY, MOMENT, DURATION = range(4)

_STYLES = "xl/styles.xml"
# Formats that have a number and aren't written out; those of 27–36 and 50–58 are the East Asian ones.
_BUILT_IN = {
    **dict.fromkeys([*range(14, 22), *range(27, 37), 45, 47, *range(50, 59)], DAY),
    22: MOMENT,
    46: DURATION,
}
_LITERAL = re.compile(r'"[^"]*"|[\\_*].')  # words, escapes, gaps and filling
_BRACKETS = re.compile(r"\[[^\]]*\]")  # colours, languages and conditions
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]")


def style_kinds(package: Package) -> NDArray[np.int64]:
    """What each cell style shows; raises SourceUnreadable (format_invalid)."""
    if _STYLES not in package.parts:
        return np.zeros(1, dtype=np.int64)
    kinds = {str(number): kind for number, kind in _BUILT_IN.items()}
    styles: list[str] = []
    for element in package.elements(_STYLES, "numFmt", "cellXfs"):
        if local_name(element) == "cellXfs":
            styles = [style.get("numFmtId", "0") for style in element]
        else:
            kinds[element.get("numFmtId", "")] = shown_kind(element.get("formatCode", ""))
    return np.array([kinds.get(number, NUMBER) for number in styles] or [NUMBER], dtype=np.int64)


def shown_kind(code: str) -> int:
    """What a number format shows; only its first section counts, that of positive numbers."""
    bare = _LITERAL.sub("", code).partition(";")[0].lower()
    if _ELAPSED.search(bare):
        return DURATION
    letters = set(_BRACKETS.sub("", bare).removeprefix("general"))
    if not letters & set("dmhys"):
        return NUMBER
    return MOMENT if "h" in letters and letters & set("yd") else DAY
