"""JSON that a page or a script carries: an assignment, a callback's argument, or a page's data."""

from __future__ import annotations

import json
import re

from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

# Where JSON begins: behind `var x =`, `window.y =`, `callback(`, or in a <script type="…json">.
_BEGINNINGS = re.compile(
    r"""(?:\bvar|\blet|\bconst)?\s*[A-Za-z_$][\w$.\[\]'"]*\s*=\s*(?=[\[{])"""
    r"""|^\s*(?:/\*\*/)?\s*[A-Za-z_$][\w$.]*\s*\(\s*(?=[\[{])"""
    r"""|<script[^>]*json[^>]*>\s*(?=[\[{])""",
    re.MULTILINE,
)


def json_in_script(text: str, file: str) -> str:
    """The largest JSON document in `text`, as it is written there; nothing is executed.

    Raises SourceUnreadable (json_invalid) where there is none.
    """
    decoder, best = json.JSONDecoder(), (0, 0)
    for found in _BEGINNINGS.finditer(text):
        start = found.end()
        if start < best[1]:
            continue  # inside what was found already
        try:
            _, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        best = max(best, (start, end), key=lambda span: span[1] - span[0])
    if best == (0, 0):
        params = {"reason": "no JSON in the script", "reason_zh": "脚本中没有 JSON"}
        raise SourceUnreadable(Issue("json_invalid", file=file, params=params))
    return text[best[0] : best[1]]
