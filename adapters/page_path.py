"""Paths to elements of a page, written as XPath or as a CSS selector.

Of CSS: `tag`, `*`, `#id`, `.class`, `[attribute]`, `[attribute="value"]` (also `^=`, `*=`, `$=`),
`:nth-of-type(2)`, a blank or `>` between steps, `,` between selectors, and at the end
`::attr(href)` for an attribute. Everything else is for XPath.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lxml import etree

from adapters.page_text import text_of
from adapters.page_tree import Element
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

_XPATH = re.compile(r"^(?:/|\.$|\./|\.\.|\(|@|[\w-]+(?:\(|::)|(?:[\w*]+(?:\[[^\]]*\])*)/)")
_NAME = r"-?[A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*"
_STEP = re.compile(
    rf"""(?P<tag>\*|{_NAME})|\#(?P<id>{_NAME})|\.(?P<class>{_NAME})
    |\[\s*(?P<name>{_NAME})\s*(?:(?P<operator>[\^*$]?=)\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)\s*)?\]
    |:nth-of-type\(\s*(?P<nth>\d+)\s*\)|::attr\(\s*(?P<attribute>{_NAME})\s*\)
    |(?P<between>\s*[>,]\s*|\s+)""",
    re.VERBOSE,
)


def texts_at(path: str, element: Element) -> list[str]:
    """The texts of what `path` finds from `element` on: of elements what is seen of them.

    Raises Misdeclared (page_path_invalid).
    """
    found = found_at(path, element)
    if not isinstance(found, list):  # what an expression such as string() or count() gives
        return [str(int(found)) if isinstance(found, float) and found.is_integer() else str(found)]
    return [one.strip() if isinstance(one, str) else text_of(one) for one in found]


def elements_at(path: str, element: Element) -> list[Element]:
    """The elements that `path` finds from `element` on; raises Misdeclared (page_path_invalid)."""
    found = found_at(path, element)
    listed = found if isinstance(found, list) else []
    return [one for one in listed if not isinstance(one, str)]


def found_at(path: str, element: Element) -> Any:
    """What `path` finds: a list of elements or texts, or one value.

    Raises Misdeclared (page_path_invalid).
    """
    try:
        return _compiled(path)(element)
    except etree.XPathError as error:
        raise _invalid(path, str(error)) from error


@cache
def _compiled(path: str) -> Any:
    try:
        return etree.XPath(as_xpath(path), regexp=False)
    except etree.XPathError as error:
        raise _invalid(path, str(error)) from error


def as_xpath(path: str) -> str:
    """`path`, which may be a CSS selector, as XPath; raises Misdeclared (page_path_invalid)."""
    path = path.strip()
    if _XPATH.match(path):
        return path
    made, tag = ".//", None  # `tag`: whether the step has one yet
    place = 0
    while place < len(path):
        found = _STEP.match(path, place)
        if found is None:
            raise _invalid(path, f"{path[place:]!r} is neither XPath nor a known part of CSS")
        between = found["between"]
        if between is not None:
            made += {">": "/", ",": " | .//"}.get(between.strip(), "//")
            tag = None
        else:
            made += _part(found, tag)
            tag = tag or found["tag"] or "*"
        place = found.end()
    return made


def _part(found: re.Match[str], tag: str | None) -> str:
    if found["tag"]:
        return found["tag"]
    if found["attribute"]:
        return f"/@{found['attribute']}" if tag else f"@{found['attribute']}"
    start = "" if tag else "*"
    if found["nth"]:
        return f"{start}[{found['nth']}]"
    if found["id"]:
        return f"{start}[@id='{found['id']}']"
    if found["class"]:
        return f"{start}[contains(concat(' ',normalize-space(@class),' '),' {found['class']} ')]"
    return start + _attribute(found["name"], found["operator"], found["value"], found["quote"])


def _attribute(name: str, operator: str | None, value: str, quote: str) -> str:
    if operator is None:
        return f"[@{name}]"
    told = f"{quote}{value}{quote}"
    if operator == "=":
        return f"[@{name}={told}]"
    if operator == "$=":
        last = f"substring(@{name},string-length(@{name})-{len(value) - 1})"
        return f"[{last}={told}]"
    return f"[{'starts-with' if operator == '^=' else 'contains'}(@{name},{told})]"


def _invalid(path: str, reason: str) -> Misdeclared:
    return Misdeclared(Issue("page_path_invalid", value=path, params={"reason": reason}))
