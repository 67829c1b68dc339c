"""JSON to batches: a list of objects somewhere in a document.

Every value becomes text as it is written in the file, so 2.00 stays "2.00" and a long number keeps
its digits; that is why Python's own parser is used, which lets us take numbers as text and see
keys that stand twice. Objects inside an object become columns named with dots, lists become JSON
text (see the converter `json_list`), true and false become words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, NoReturn

import polars as pl

from adapters.artefact import Artefact
from adapters.csv_header import MOST_COLUMNS, refuse_many
from adapters.feed import Feed
from adapters.json_script import json_in_script
from adapters.opener import read_blocks
from adapters.reader import Reader
from adapters.text import ENCODING, utf8_blocks
from exchange_schemas.batch import LINE, Batch
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue, empty_issues, issues_frame

BLOCK = 8 << 20
ROWS = 50_000  # items per batch

_KINDS = {"list": "list", "dict": "object"}  # of places, as messages call them

Cells = dict[str, str | None]


def read_json(feed: Feed, artefact: Artefact) -> Iterator[Batch]:
    """The file's items as raw batches; `_line` is an item's place in its list, from 1.

    Raises SourceUnreadable: file_empty, bytes_invalid, byte_nul, json_invalid, json_place_missing,
    archive_damaged. A `total` that differs from the number of items is an issue of the last batch.
    """
    document = _load(feed, artefact)
    items = _items(feed, document, artefact.name)
    rows = [flatten(item, place, artefact.name) for place, item in enumerate(items, 1)]
    # an empty list has no columns of its own to be checked
    columns = list(dict.fromkeys(name for row in rows for name in row)) or list(feed.columns)
    refuse_many(len(columns), artefact.name)
    schema = dict.fromkeys(columns, pl.String)
    for start in range(0, len(rows), ROWS):
        frame = pl.DataFrame(list(islice(rows, start, start + ROWS)), schema=schema)
        yield Batch(frame.with_row_index(LINE, start + 1).cast({LINE: pl.Int64}))
    issues = _check_total(feed, document, len(items), artefact.name)
    yield Batch(pl.DataFrame(schema={LINE: pl.Int64, **schema}), issues)


def _items(feed: Feed, document: Any, file: str) -> list[Any]:
    """The records: a list of them, or with `single` the one that the document, or a part of it, is."""
    path = feed.format.get("rows", "")
    if feed.format.get("single", False):
        return [_at(document, path, dict, file)]
    return list(_at(document, path, list, file))


def _load(feed: Feed, artefact: Artefact) -> Any:
    blocks = utf8_blocks(read_blocks(artefact, BLOCK), feed.format.encoding, artefact.name)
    text = b"".join(blocks).decode()
    if not text.strip():
        raise SourceUnreadable(Issue("file_empty", file=artefact.name))
    script = feed.format.get("script", False)
    if script:
        text = json_in_script(text, artefact.name, script if isinstance(script, str) else None)
    return parse(text, artefact.name)


def parse(text: str, file: str) -> Any:
    """The document with all numbers as text; raises SourceUnreadable (json_invalid).

    Stricter than RFC 8259 asks: a key may stand only once in an object.
    """
    try:
        return json.loads(
            text,
            parse_float=str,
            parse_int=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        words = (f"{error.msg}, column {error.colno}", f"第 {error.colno} 列附近不合 JSON 语法")
        raise _invalid(file, error.lineno, words) from error
    except _Fault as fault:
        raise _invalid(file, None, fault.words) from fault
    except RecursionError as error:
        raise _invalid(file, None, ("nested too deeply", "嵌套过深")) from error


class _Fault(Exception):
    """Something that Python's parser lets pass; `words` say it in English and Chinese."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self.words = words


def _refuse_constant(word: str) -> NoReturn:
    raise _Fault(f"{word} isn't JSON", f"JSON 里没有 {word}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_COLUMNS:
        raise _Fault(
            f"an object has more than {MOST_COLUMNS} keys", f"一个对象的键超过 {MOST_COLUMNS} 个"
        )
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Fault(f"key {twice} stands twice in one object", f"同一对象中键 {twice} 出现两次")
    return found


def _at(document: Any, path: str, kind: type, file: str) -> Any:
    """What stands at the dotted path, which must be of this kind."""
    found = document
    for name in path.split(".") if path else []:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, kind):
        expected = _KINDS.get(kind.__name__, "number")
        raise _absent(file, path or "$", expected)
    return found


def flatten(item: Any, place: int, file: str) -> Cells:
    """The item's cells by column; `place` is its number in the file, for messages.

    Raises SourceUnreadable: json_place_missing (it isn't an object), json_invalid.
    """
    if not isinstance(item, dict):
        raise _absent(file, f"[{place}]", "object")
    cells: Cells = {}
    _flatten(item, "", cells)
    if LINE in cells:  # a batch has its own
        cells[f"#{LINE}"] = cells.pop(LINE)
    try:
        "".join(f"{name}{cell}" for name, cell in cells.items()).encode()
    except UnicodeEncodeError as error:  # \ud800 alone: legal JSON, and no text at all
        words = (f"item {place} has half a character", f"第 {place} 项有半个字符")
        raise _invalid(file, None, words) from error
    return cells


def _flatten(item: dict[str, Any], prefix: str, cells: Cells) -> None:
    for name, value in item.items():
        if isinstance(value, dict):
            _flatten(value, f"{prefix}{name}.", cells)
        else:
            cells[f"{prefix}{name}"] = _text(value)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _check_total(feed: Feed, document: Any, found: int, file: str) -> pl.DataFrame:
    if feed.total is None:
        return empty_issues()
    total = _at(document, feed.total, str, file)
    if total == str(found):
        return empty_issues()
    return issues_frame([Issue("total_differs", value=total, params={"found": str(found)})])


def _invalid(file: str, line: int | None, words: tuple[str, ...]) -> SourceUnreadable:
    reason, reason_zh = words
    params = {"reason": reason, "reason_zh": reason_zh}
    return SourceUnreadable(Issue("json_invalid", line, file=file, params=params))


def _absent(file: str, place: str, expected: str) -> SourceUnreadable:
    params = {"expected": expected}
    return SourceUnreadable(Issue("json_place_missing", value=place, file=file, params=params))


READER = Reader(
    read_json,
    {
        "properties": {
            "encoding": ENCODING,
            "rows": {"type": "string", "minLength": 1},
            "total": {"type": "string", "minLength": 1},
            "script": {"anyOf": [{"type": "boolean"}, {"type": "string", "minLength": 1}]},
            "single": {"type": "boolean"},
        }
    },
)
