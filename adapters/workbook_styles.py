"""Which cells of a workbook show a time of day: a date at midnight is another thing than a date."""

from __future__ import annotations

import re

from adapters.workbook_zip import Package
from adapters.xml_elements import Element, local_name

_STYLES = "xl/styles.xml"
_BUILT_IN = "22"  # number of the one format with date and time that isn't written out
_NOT_SHOWN_AS_SUCH = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')  # words, escapes, colours and languages


def timed_styles(package: Package) -> frozenset[str]:
    """Numbers of the cell styles that show a date with its time; raises SourceUnreadable."""
    if _STYLES not in package.parts:
        return frozenset()
    timed, styles = {_BUILT_IN}, []
    for element in package.elements(_STYLES, "numFmt", "cellXfs"):
        if local_name(element) == "cellXfs":
            styles = [style.get("numFmtId") for style in element]
        elif _shows_both(element):
            timed.add(element.get("numFmtId"))
    return frozenset(str(place) for place, number in enumerate(styles) if number in timed)


def _shows_both(written: Element) -> bool:
    code = _NOT_SHOWN_AS_SUCH.sub("", written.get("formatCode", "")).lower()
    return "h" in code and ("y" in code or "d" in code)
