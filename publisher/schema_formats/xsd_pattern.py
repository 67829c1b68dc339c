"""Regular expressions of JSON Schema as those of XML Schema 1.0.

XML Schema matches a whole value and has no anchors, no groups that don't capture, and no scripts such
as `\\p{Han}`.
"""

from __future__ import annotations

import re

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

_HAN = "㐀-䶿一-鿿豈-﫿"  # the blocks with nearly all of Unicode's Han
_ANYTHING = r"[\s\S]*"
_PIECE = re.compile(r"\\p\{Han\}|\\.|\[\^?|\(\?:|\(\?|[\]()|^$]|.", re.DOTALL)
_UNKNOWN = re.compile(r"\\[bBAZzkguxU1-9]")


def xsd_pattern(pattern: str) -> str:
    """The same in XML Schema; raises Misdeclared (pattern_not_xsd)."""
    return "|".join(_anchored(one, pattern) for one in _alternatives(pattern))


def _alternatives(pattern: str) -> list[list[str]]:
    """The parts between bars outside of any bracket, as pieces."""
    found: list[list[str]] = [[]]
    depth, in_class = 0, False
    for piece in _PIECE.findall(pattern):
        if in_class:
            in_class = piece != "]"
        elif piece in ("[", "[^"):
            in_class = True
        elif piece in ("(", "(?:", "(?"):
            depth += 1
        elif piece == ")":
            depth -= 1
        elif piece == "|" and depth == 0:
            found.append([])
            continue
        found[-1].append(piece)
    return found


def _anchored(pieces: list[str], pattern: str) -> str:
    first, last = pieces[:1] == ["^"], pieces[-1:] == ["$"]
    middle = pieces[first : len(pieces) - last]
    told, in_class = [], False
    for piece in middle:
        if piece == "(?" or _UNKNOWN.fullmatch(piece) or (piece in "^$" and not in_class):
            raise Misdeclared(Issue("pattern_not_xsd", value=pattern))
        told.append(_piece(piece, in_class))
        in_class = piece in ("[", "[^") or (in_class and piece != "]")
    return f"{'' if first else _ANYTHING}{''.join(told)}{'' if last else _ANYTHING}"


def _piece(piece: str, in_class: bool) -> str:
    if piece == "(?:":
        return "("
    if piece == r"\p{Han}":
        return _HAN if in_class else f"[{_HAN}]"
    return r"\[" if in_class and piece == "[" else piece
