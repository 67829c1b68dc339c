"""Return files: workbooks and CSV in which the province says of each row whether it took it, and why not."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from adapters.workbook import Workbook
from exchange_schemas.errors import HubError, SourceUnreadable
from exchange_schemas.issue import Issue
from hub.outbound.parcel import ANSWERS, FLOW, REFUSED, TAKEN
from hub.outbound.returning import DOCUMENT
from hub.outbound.workbooks import FLOW_TITLE

SUFFIXES = (".xlsx", ".csv")
HEADER_ROWS = 25  # in which the headings may stand, below titles
#: What columns may be called; `columns:` of the target adds names.
COLUMNS: Mapping[str, Sequence[str]] = {
    "flow": (FLOW_TITLE, "唯一标识", "flow", "FLOW"),
    "document": ("行政处罚决定书文号", "行政许可决定文书号", "文号", "CF_WSH", "XK_WSH"),
    "result": ("处理结果", "校验结果", "结果", "result"),
    "reason": ("失败原因", "退回原因", "错误原因", "原因", "reason"),
}
WORDS: Mapping[str, Sequence[str]] = {
    TAKEN: ("成功", "已接收", "接收", "通过", "合格", "accepted", "taken"),
    REFUSED: ("失败", "退回", "不通过", "不合格", "拒绝", "错误", "rejected", "refused"),
}


def read_return(name: str, content: bytes, options: Mapping[str, Any]) -> pl.DataFrame:
    """`ANSWERS` and `_document` of every row that says what became of it.

    Raises SourceUnreadable (return_file_unreadable) where it is no such file.
    """
    try:
        rows = _csv(content) if name.lower().endswith(".csv") else _workbook(name, content)
    except HubError as error:
        raise _unreadable(name, error.issue.message("en")) from error
    places, start = _header(name, rows, options)
    width = max(places.values()) + 1
    told = [[*row, *[""] * (width - len(row))] for row in rows[start:]]
    cells = {kind: [row[place].strip() for row in told] for kind, place in places.items()}
    return _answers(pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), options)


def _answers(cells: pl.DataFrame, options: Mapping[str, Any]) -> pl.DataFrame:
    words = {
        word: state
        for state, known in WORDS.items()
        for word in (*known, *options.get("words", {}).get(state, ()))
    }
    nothing = pl.lit(None, pl.String)
    given = {name: _given(name) if name in cells.columns else nothing for name in COLUMNS}
    state = given["result"].replace_strict(words, default=None, return_dtype=pl.String)
    code = pl.when(state == REFUSED).then(pl.lit("returned"))
    found = cells.select(
        given["flow"].alias(FLOW), state.alias("state"), code.alias("code"),
        given["reason"].str.head(300).alias("reason"), given["document"].alias(DOCUMENT),
    )  # fmt: skip
    return found.filter(pl.col("state").is_not_null()).select(*ANSWERS, DOCUMENT)


def _given(name: str) -> pl.Expr:
    return pl.when(pl.col(name) != "").then(pl.col(name))


def _header(
    name: str, rows: Sequence[Sequence[str]], options: Mapping[str, Any]
) -> tuple[dict[str, int], int]:
    """Where the columns are, and the first row below their headings."""
    for number, row in enumerate(rows[:HEADER_ROWS]):
        titles = [cell.strip() for cell in row]
        places = {}
        for kind, known in COLUMNS.items():
            named = [*options.get("columns", {}).get(kind, ()), *known]
            found = [titles.index(one) for one in named if one in titles]
            if found:
                places[kind] = found[0]
        if "result" in places and ("flow" in places or "document" in places):
            return places, number + 1
    raise _unreadable(name, "no row of headings with a result and a flow or a document number")


def _workbook(name: str, content: bytes) -> list[list[str]]:
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix) as file:
        file.write(content)
        file.flush()
        book = Workbook(Path(file.name), name)
        return [list(row) for row in book.sheet(book.names[0]).rows()]


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(content.decode(encoding), newline="")))
        except (UnicodeDecodeError, csv.Error):
            continue
    raise SourceUnreadable(
        Issue("return_file_unreadable", params={"reason": "neither UTF-8 nor GBK"})
    )


def _unreadable(name: str, reason: str) -> SourceUnreadable:
    return SourceUnreadable(Issue("return_file_unreadable", value=name, params={"reason": reason}))
