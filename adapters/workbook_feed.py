"""A filled template is a feed of its own: the workbook says which standard it is for.

A template has a very hidden sheet `_standard`: A1 `dataset`, B1 its name; A2 `version`, B2 the
version; A3 `header_row`, B3 the row of the first sheet that has the names of the standard's fields.
Below that row stands a record in each row.
"""

from __future__ import annotations

from glob import escape
from itertools import islice
from pathlib import Path

from adapters.feed import Breaker, Feed, Format, Source
from adapters.rule import Rule
from adapters.sheet import LAST_ROW
from adapters.workbook import Workbook
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.choices import choices
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Field

MARK = "_standard"  # the sheet that makes a workbook a template
SUFFIXES = (".xlsx", ".xlsm")
_KEYS = ("dataset", "version", "header_row")


def workbook_feed(path: Path, catalogue: Catalogue) -> Feed:
    """The feed of a filled template: every column that is a field's name goes into that field.

    Columns that a person took out of the template are as good as empty; one that is no field is
    told when the workbook is read. A delivery only adds and changes, so templates with a few
    records each may follow one another.

    Raises Misdeclared: feed_unknown (no such file), workbook_unmarked, dataset_unknown,
    version_unknown; SourceUnreadable where the file isn't a workbook (see `workbook.open_sheet`).
    """
    if not path.is_file():
        raise Misdeclared(Issue("feed_unknown", value=str(path)))
    book = Workbook(path, path.name)
    sheets = book.names
    if MARK not in sheets:
        raise _unmarked(path, f"it has no sheet {MARK}", f"没有工作表 {MARK}")
    told = _read_mark(path, book)
    standard = catalogue.get(told["dataset"], told["version"])
    return Feed(
        name=f"workbook_{standard.dataset}",
        title={"zh": f"{standard.title}填报表", "en": f"{standard.title_en} (filled template)"},
        standard=standard.dataset,
        version=standard.version,
        source=Source("file", {"path": escape(path.name)}),
        format=Format("xlsx", {"sheet": sheets[0], "header_row": int(told["header_row"])}),
        mode="increment",
        nulls=(),
        fields={name: _rule(field) for name, field in standard.fields.items()},
        ignore={},
        breaker=Breaker(),
        path=path.resolve(),
    )


def _rule(field: Field) -> Rule:
    """A column of codes may have the titles that the template's list offers, in either language."""
    table = {
        text: code
        for english in (True, False)
        for code, text in choices(field, english).items()
        if text != code
    }
    if field.kind == "list":  # keys of records, which have upright bars, stand in some of them
        return Rule(
            field.name, (field.name,), "split", optional=True, options={"separators": ";；\n"}
        )
    if field.kind != "string" or not table:
        return Rule(field.name, (field.name,), optional=True)
    options = {"table": table, "otherwise": "keep"}
    return Rule(field.name, (field.name,), "lookup", optional=True, options=options)


def _read_mark(path: Path, book: Workbook) -> dict[str, str]:
    """What the sheet `_standard` says: dataset, version, header_row."""
    rows = book.sheet(MARK).rows()
    told = {row[0]: row[1].strip() for row in islice(rows, len(_KEYS)) if len(row) > 1}
    for key in _KEYS:
        if not told.get(key):
            raise _unmarked(path, f"sheet {MARK} lacks {key}", f"工作表 {MARK} 缺少 {key}")
    row = told["header_row"]
    if not (row.isdecimal() and 1 <= int(row[:8]) <= LAST_ROW):
        raise _unmarked(path, f"header_row is {row}", f"header_row 为 {row}")
    return told


def _unmarked(path: Path, reason: str, reason_zh: str) -> Misdeclared:
    params = {"reason": reason, "reason_zh": reason_zh}
    return Misdeclared(Issue("workbook_unmarked", file=path.name, params=params))
