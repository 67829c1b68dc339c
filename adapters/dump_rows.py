"""The rows of one table of a dump."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from adapters.csv_header import name_columns
from adapters.dump_statements import CHANGE, COPY, INSERT, TABLE, Statement, Statements
from adapters.dump_text import DumpText
from adapters.dump_values import Writing, copied_values, writing
from exchange_schemas.errors import SourceUnreadable
from exchange_schemas.issue import Issue

SHOWN = 500  # characters of a wrong row that are kept
_TABLES = 20  # names in one message
_EMPTIES = re.compile(r"(?:DELETE|TRUNCATE|DROP|UPDATE|ALTER)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:\s++|--[^\n]*+|/\*.*?\*/)*+", re.DOTALL)
_TAIL = re.compile(r"ON\s+CONFLICT\s+DO\s+NOTHING\s*+;", re.IGNORECASE)
# Whoever writes the first of these writes the second at the end.
_BEGUN_AND_DONE = (
    ("-- MySQL dump", "-- Dump completed"),
    ("-- MariaDB dump", "-- Dump completed"),
    ("-- PostgreSQL database dump", "-- PostgreSQL database dump complete"),
    ("BEGIN TRANSACTION;", "COMMIT;"),
    ("START TRANSACTION;", "COMMIT;"),
)

Row = tuple[int, list[str | None]]  # line, values


@dataclass(slots=True)
class DumpRows:
    """The rows of `table`, which may be `schema.table`.

    `columns` are known with the first row, or after the last. `wrong` are issues of rows that aren't
    given out; its taker empties it.
    """

    table: str
    dialect: str
    blocks: Iterator[bytes]
    file: str
    columns: tuple[str, ...] = ()
    wrong: list[Issue] = field(default_factory=list)
    _text: DumpText = field(init=False)
    _writing: Writing = field(init=False)
    _statements: Statements = field(init=False)
    _defined: tuple[str, ...] = ()
    _order: list[int] | None = None  # places of the columns in a statement with another order
    _met: dict[str, None] = field(default_factory=dict)  # tables of the dump, for messages
    _ours: dict[str, None] = field(default_factory=dict)  # full names that `table` may mean
    _begun: bool = False  # whether there were rows

    def __post_init__(self) -> None:
        self._writing = writing(self.dialect)
        self._text = DumpText(self.blocks, self.file)
        self._statements = Statements(self._text, self._writing)

    def __iter__(self) -> Iterator[Row]:
        """The rows in the order of the dump; raises as `format_sqldump.read_sqldump`."""
        self._text.more()
        start = self._text.text[:4096]
        for statement in self._statements:
            if statement.name and self._is_ours(statement):
                yield from self._taken(statement)
            elif statement.kind == INSERT:
                self._statements.skip()
            elif statement.kind == COPY:
                self._statements.skip_rows()
        self._refuse_cut(start)
        if not self._ours:
            params = {"found": "、".join([*self._met][:_TABLES]) or "—"}
            issue = Issue("sql_table_missing", value=self.table, file=self.file, params=params)
            raise SourceUnreadable(issue)
        if not self.columns:
            self.columns = name_columns(self._defined, self._text.line(), self.file)

    def _is_ours(self, statement: Statement) -> bool:
        if statement.kind != CHANGE:
            self._met.setdefault(".".join(statement.name))
        wanted = tuple(self.table.split("."))
        return statement.name[-len(wanted) :] == wanted

    def _taken(self, statement: Statement) -> Iterator[Row]:
        if statement.kind == CHANGE:
            if self._begun or not _EMPTIES.match(statement.told):
                raise self._fault("sql_statement", statement.told)
            return
        self._ours.setdefault(".".join(statement.name))
        if len({*self._ours}) > 1:
            raise self._fault("sql_table_several", self.table, found="、".join(self._ours))
        if statement.kind == TABLE:
            self._defined = statement.columns
            return
        self._begun = True
        self._settle(statement.columns or self._defined)
        rows = self._inserted() if statement.kind == INSERT else self._copied()
        for line, values, written in rows:
            if not self.columns:
                self._settle([""] * len(values))
            if len(values) != len(self.columns):
                self._tell_length(line, len(values), written)
            else:
                yield line, [values[n] for n in self._order] if self._order else values

    def _settle(self, given: Sequence[str]) -> None:
        """Takes the first statement's columns, and compares the others with them."""
        if not given:
            return
        named = name_columns(given, self._text.line(), self.file)
        if not self.columns:
            self.columns = named
        if sorted(named) != sorted(self.columns):
            expected = "、".join(self.columns)
            raise self._fault("sql_columns_differ", "、".join(named), expected=expected)
        same = named == self.columns
        self._order = None if same else [named.index(name) for name in self.columns]

    def _inserted(self) -> Iterator[tuple[int, list[str | None], str]]:
        text, pattern = self._text, self._writing.row
        goes_on = True
        while goes_on:
            found = pattern.match(text.text, text.place)
            end = found.end() if found else self._end_of_row()
            line = text.line()
            written = text.text[text.place : end]
            text.place = end
            if found or pattern.fullmatch(written):
                yield from self._read(line, written)
            else:
                self._tell_unreadable(line, written)
            goes_on = self._goes_on()

    def _read(self, line: int, written: str) -> Iterator[tuple[int, list[str | None], str]]:
        try:
            values = self._writing.values(written)
        except ValueError:
            self._tell_unreadable(line, written)
        else:
            yield line, values, written

    def _copied(self) -> Iterator[tuple[int, list[str | None], str]]:
        line = self._text.line()
        while (written := self._statements.copied_line()) is not None:
            try:
                yield line, copied_values(written), written
            except ValueError:
                self._tell_unreadable(line, written)
            line = self._text.line()

    def _end_of_row(self) -> int:
        """Where a row ends of which not all is there yet, or which has what isn't a plain value."""
        text = self._text
        while True:
            depth, end = 0, text.place
            for token in self._writing.token.finditer(text.text, text.place):
                if token.start() != end:
                    break
                end = token.end()
                depth += (token[0] == "(") - (token[0] == ")")
                if depth <= 0:
                    return end
            if text.text.startswith(";", end):
                raise text.fault("the row that begins here isn't closed", "此处开始的行没有结束")
            if not text.more():
                raise text.fault("the dump ends within a row", "文件在数据行中间结束")

    def _goes_on(self) -> bool:
        """Whether another row follows; the place is at it, or behind the statement."""
        if self._text.text.startswith(",(", self._text.place):  # as programs write it
            self._text.place += 1
            return True
        mark = self._mark()
        if mark == ",":
            self._text.place += 1
            if self._mark() == "(":
                return True
        elif mark == ";":
            self._text.place += 1
            return False
        tail = _TAIL.match(self._text.text, self._text.place)
        if tail is None:
            shown = self._text.text[self._text.place :][:40]
            raise self._text.fault(f"{shown!r} stands behind a row", f"数据行之后有 {shown!r}")
        self._text.place = tail.end()
        return False

    def _mark(self) -> str:
        """The next character that is neither blank nor comment; "" at the end."""
        text = self._text
        while True:
            place = _BETWEEN.match(text.text, text.place).end()  # type: ignore[union-attr]
            text.line(place)
            text.place = place
            rest = text.text[place : place + 80]
            if rest and (rest[0] in ",;(" or len(rest) == 80) and not rest.startswith("/*"):
                return rest[0]
            if not text.more():
                return rest[:1]

    def _refuse_cut(self, start: str) -> None:
        for begun, done in _BEGUN_AND_DONE:
            if begun in start and done not in self._text.tail:
                raise self._text.fault(
                    f"the dump begins with {begun!r} and lacks {done!r} at its end: it was cut off",
                    f"文件以 {begun!r} 开头，结尾却没有 {done!r}：导出不完整",
                )

    def _tell_length(self, line: int, found: int, written: str) -> None:
        params = {"found": str(found), "expected": str(len(self.columns))}
        self.wrong.append(Issue("row_length", line, value=written[:SHOWN], params=params))

    def _tell_unreadable(self, line: int, written: str) -> None:
        self.wrong.append(Issue("sql_row_unreadable", line, value=written[:SHOWN]))

    def _fault(self, code: str, value: str, **params: str) -> SourceUnreadable:
        line = self._text.line()
        return SourceUnreadable(Issue(code, line, value=value, file=self.file, params=params))
