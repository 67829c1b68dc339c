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


# What may follow: the end of the statement, of the call, or of the element.
_ENDINGS = ("", ";", ")", ",", "<", "\n", "\r")


def json_in_script(text: str, file: str, name: str | None = None) -> str:
    """The JSON document in `text`, as it is written there; nothing is executed.

    It is the one that is assigned to `name` or given to it as an argument; `#name` is the
    `<script>` with this id. Without a name it is the largest.

    Raises SourceUnreadable: json_invalid, and with a name script_missing and script_several.
    """
    return _largest(text, file) if name is None else _named(text, file, name)


def _named(text: str, file: str, name: str) -> str:
    if name.startswith("#"):
        attribute = rf"\bid\s*=\s*[\"']?{re.escape(name[1:])}(?=[\s\"'>])"
        begins = re.compile(rf"<script\b[^>]*{attribute}[^>]*>\s*(?=[\[{{])", re.IGNORECASE)
    else:
        bare = re.escape(name.removeprefix("var ").strip())
        begins = re.compile(rf"(?<![\w$.]){bare}\s*[=(]\s*(?=[\[{{])")
    starts = [found.end() for found in begins.finditer(text)]
    if len(starts) != 1:
        code = "script_several" if starts else "script_missing"
        params = {"found": str(len(starts))}
        raise SourceUnreadable(Issue(code, value=name, file=file, params=params))
    try:
        _, end = json.JSONDecoder().raw_decode(text, starts[0])
    except json.JSONDecodeError as error:
        reason = (f"{error.msg}, column {error.colno}", f"第 {error.colno} 列附近不合 JSON 语法")
        raise _invalid(file, error.lineno, *reason) from error
    except RecursionError as error:
        raise _invalid(file, None, "nested too deeply", "嵌套过深") from error
    if text[end : end + 80].lstrip(" \t")[:1] not in _ENDINGS:
        line = text.count("\n", 0, end) + 1
        raise _invalid(file, line, "something is done to the data behind it", "数据之后还有运算")
    return text[starts[0] : end]


def _largest(text: str, file: str) -> str:
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
        raise _invalid(file, None, "no JSON in the script", "脚本中没有 JSON")
    return text[best[0] : best[1]]


def _invalid(file: str, line: int | None, reason: str, reason_zh: str) -> SourceUnreadable:
    params = {"reason": reason, "reason_zh": reason_zh}
    return SourceUnreadable(Issue("json_invalid", line, file=file, params=params))
