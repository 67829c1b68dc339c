"""Converters by regular expression.

Patterns have the meaning of ECMA-262, as those of standards have, and run in linear time; what
can't is refused when the feed is checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from adapters.converter import TEXT, Converted, Converter, Example, Options, Words
from exchange_schemas.pattern_risk import explosive
from exchange_schemas.patterns import linear_pattern

_NEVER = "[^\\s\\S]"
_REFERENCE = re.compile(r"\$\$|\$(?:\{(?P<braced>\w+)\}|(?P<plain>\w+))", re.ASCII)

Fault = tuple[str, str]  # in Chinese and English


def replace(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """Every match of `pattern` replaced by `with`, where $1 … are the groups."""
    pattern, new = _linear(options), options.get("with", "")
    return Converted(cells[0].str.replace_all(pattern, new))


def extract(cells: Sequence[pl.Expr], options: Options) -> Converted:
    """What the one group of `pattern` matched first.

    Where nothing matches `otherwise` says: fail (default), keep the whole text, or null.
    """
    otherwise = options.get("otherwise", "fail")
    value = cells[0].str.extract(_linear(options), 1)
    if otherwise == "keep":
        return Converted(pl.coalesce(value, cells[0]))
    return Converted(value, cells[0].is_not_null() if otherwise == "fail" else None)


def _linear(options: Options) -> str:
    return linear_pattern(options.get("pattern", _NEVER)) or _NEVER


def fault(converter: str, options: Options) -> Fault | None:
    """What is wrong with the pattern of a `replace` or `extract`; None: nothing."""
    pattern = options["pattern"]
    try:
        if explosive(pattern):
            return (
                "同一文字可有极多种匹配方式；重复的部分和各分支应能从开头区分",
                "one text can match it in very many ways; let what repeats differ by how it begins",
            )
    except ValueError as error:
        return f"不是正则表达式（{error}）", f"it isn't a regular expression ({error})"
    linear = linear_pattern(pattern)
    if linear is None:
        return "不能用环视和反向引用", "look-around and references back aren't possible"
    names = _groups(linear)
    if converter == "extract" and len(names) != 2:
        return "应恰好有一个圆括号组", "it needs exactly one group in brackets"
    return _reference_fault(options.get("with", ""), names)


def _reference_fault(new: str, names: set[str]) -> Fault | None:
    for found in _REFERENCE.finditer(new):
        name = found["braced"] or found["plain"]
        if name and name not in names:
            return f"没有 ${name} 所指的组", f"it has no group that ${name} could be"
    return None


def _groups(linear: str) -> set[str]:
    """Numbers and names of the groups; 0 is the whole match."""
    frame = pl.DataFrame({"text": [""]}).select(pl.col("text").str.extract_groups(linear))
    kind = frame.schema["text"]
    names = [one.name for one in kind.fields] if isinstance(kind, pl.Struct) else []
    return {"0", *(str(k + 1) for k in range(len(names))), *names}


_PATTERN = frozenset({"pattern"})
_NO = {"pattern": "第([0-9]+)号"}

CONVERTERS = {
    "replace": Converter(
        replace, TEXT, Words("任何文字", "any text"),
        (
            Example("（原）茂名公司", "茂名公司", {"pattern": "^（原）", "with": ""}),
            Example("12/10/2023", "2023-10-12", {"pattern": r"(\d+)/(\d+)/(\d+)", "with": "$3-$2-$1"}),
        ),
        options=_PATTERN | {"with"}, needs=_PATTERN | {"with"},
    ),
    "extract": Converter(
        extract, TEXT, Words("与 pattern: 相符的文字", "text that pattern: matches"),
        (
            Example("粤食药第12号", "12", _NO), Example("粤食药", ..., _NO),
            Example("粤食药", None, {**_NO, "otherwise": "null"}),
        ),
        "cell_unreadable", options=_PATTERN | {"otherwise"}, needs=_PATTERN, main="pattern",
    ),
}  # fmt: skip
