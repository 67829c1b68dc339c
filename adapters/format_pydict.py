"""Lines that a Python program printed: a dictionary on each. They are read, never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from adapters.artefact import Artefact
from adapters.feed import Feed
from adapters.format_jsonl import read_lines
from adapters.reader import Reader
from adapters.text import ENCODING
from exchange_schemas.batch import Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

LONGEST = 1 << 20  # characters of a line: the parser takes a hundred times as much memory
DEEPEST = 50  # brackets within brackets


def read_pydict(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """The dictionaries as raw batches; values as in JSON Lines: numbers as they are written.

    Raises as `read_lines`; a line that isn't a literal dictionary is one row lost.
    """
    yield from read_lines(feed, artefact, parse_literal)


def parse_literal(text: str, file: str) -> Any:
    """The literal in `text`; raises SourceUnreadable (json_invalid) for anything else."""
    if len(text) > LONGEST or _depth(text) > DEEPEST:
        raise _invalid(file, "the line is too long or too deep", "行过长或嵌套过深")
    try:
        body = ast.parse(text.strip(), mode="eval").body
        return _value(body, text.strip().encode())
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise _invalid(file, "it isn't a Python literal", "不是 Python 字面量") from error


def _value(node: ast.expr, text: bytes) -> Any:
    if isinstance(node, ast.Dict):
        names = [one.value for one in node.keys if isinstance(one, ast.Constant)]
        texts = {name for name in names if isinstance(name, str)}
        if len(texts) < len(node.keys):  # a key that is something else, or stands twice
            raise ValueError
        return dict(zip(names, (_value(value, text) for value in node.values), strict=True))
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(one, text) for one in node.elts]
    if isinstance(node, ast.Constant):
        if node.value is None or isinstance(node.value, str | bool):
            return node.value
        if isinstance(node.value, int | float):
            return text[node.col_offset : node.end_col_offset].decode()
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _value(node.operand, text)
        if isinstance(node.operand, ast.Constant) and isinstance(number, str):
            return f"-{number}"
    raise ValueError


def _depth(text: str) -> int:
    """At most how deep brackets stand within brackets; those in texts count too."""
    deep = most = 0
    for letter in text:
        if letter in "([{":
            deep += 1
            most = max(most, deep)
        elif letter in ")]}":
            deep -= 1
    return most


def _invalid(file: str, reason: str, reason_zh: str) -> SourceUnreadable:
    params = {"reason": reason, "reason_zh": reason_zh}
    return SourceUnreadable(Issue("json_invalid", file=file, params=params))


READER = Reader(read_pydict, {"properties": {"encoding": ENCODING}})
