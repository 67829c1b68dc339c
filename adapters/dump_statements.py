"""The statements of a dump: which there are, which are about the table, and what the table is like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.dump_text import DumpText
from adapters.dump_values import COPY_END, MYSQL, POSTGRESQL, Writing

INSERT, COPY, TABLE = "insert", "copy", "table"
CHANGE, OTHER = "change", "other"  # changes the rows of a table; does nothing to rows

_NAME = r"""(?:`[^`]++`|"[^"]++"|\[[^\]]++\]|[\w$]++)"""
_PLACE = rf"({_NAME}(?:\s*+\.\s*+{_NAME}){{0,2}})"
_COLUMNS = rf"(?:\(\s*+({_NAME}(?:\s*+,\s*+{_NAME})*+)\s*+\)\s*+)?+"
_WORD = re.compile(r"\\|\w+")
_IDENTIFIER = re.compile(_NAME)
_INSERT = re.compile(
    r"(?:INSERT(?:\s+(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|OR\s+\w+))*|REPLACE)\s+(?:INTO\s+)?"
    rf"{_PLACE}\s*+{_COLUMNS}(?:OVERRIDING\s+\w+\s+VALUE\s*+)?VALUES?\s*+(?=\()",
    re.IGNORECASE,
)
_COPY = re.compile(rf"COPY\s+{_PLACE}\s*+{_COLUMNS}FROM\s+stdin\s*+;[ \t\r]*+\n", re.IGNORECASE)
_TABLE = re.compile(
    r"CREATE\s+(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|UNLOGGED|FOREIGN|VIRTUAL|OR\s+REPLACE)\s+)*TABLE\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?{_PLACE}",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"(INSERT|REPLACE|UPDATE|DELETE|TRUNCATE|DROP\s+TABLE|MERGE|COPY|LOAD\s+DATA"
    r"|ALTER\s+TABLE(?=[^;]*?\b(?:RENAME|DROP\s+COLUMN|ADD\s+COLUMN|CHANGE)\b))\b"
    r"(?:\s+(?:LOW_PRIORITY|IGNORE|QUICK|INTO|FROM|TABLE|IF\s+EXISTS|ONLY|OR\s+\w+))*"
    rf"\s+{_PLACE}",
    re.IGNORECASE,
)
_HEAD = 1 << 18  # characters of a statement in which all of this stands
_ROUTINE = re.compile(r"CREATE\s+[^;(]*?\b(?:TRIGGER|FUNCTION|PROCEDURE|EVENT)\b", re.IGNORECASE)
_DEPTHS = {"BEGIN": 1, "CASE": 1, "END": -1}
_KEYS = {"PRIMARY", "KEY", "UNIQUE", "INDEX", "CONSTRAINT", "FOREIGN", "CHECK", "FULLTEXT",
         "SPATIAL", "EXCLUDE", "LIKE", "PERIOD"}  # fmt: skip
_HARMLESS = {
    "ALTER", "ANALYZE", "BEGIN", "CALL", "COMMENT", "COMMIT", "CREATE", "DROP", "END", "EXPLAIN",
    "FLUSH", "GRANT", "LOCK", "PRAGMA", "REFRESH", "REINDEX", "RELEASE", "REVOKE", "SAVEPOINT",
    "SECURITY", "SELECT", "SET", "START", "UNLOCK", "USE", "VACUUM",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """`kind` is INSERT, COPY, TABLE, CHANGE or OTHER; `name` that of the table, as parts;
    `columns` those that it names. `told` is how it begins, for messages.
    """

    kind: str
    name: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    told: str = ""


@dataclass(slots=True)
class Statements:
    """Goes through a dump. After INSERT and COPY their rows follow at the text's place."""

    text: DumpText
    writing: Writing
    _lead: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        hashed = r"|#[^\n]*+" if self.writing.name == MYSQL else ""
        self._lead = re.compile(rf"(?:\s++|;|--[^\n]*+|/\*.*?\*/{hashed})*+", re.DOTALL)

    def __iter__(self) -> Iterator[Statement]:
        """The statements; raises SourceUnreadable (sql_unreadable)."""
        while self._begin():
            yield self._next()

    def skip(self) -> None:
        """Past the end of the statement that the text's place is in."""
        text, depth = self.text, 0
        routine = _ROUTINE.match(text.text, text.place, text.place + _HEAD) is not None
        while True:
            end = self._run()
            if routine:
                depth += self._depth(text.place, end)
            text.place = end
            if text.text.startswith(";", end):
                text.place += 1
                if depth <= 0:
                    return
            elif not text.more():
                raise text.fault("the dump ends within a statement", "文件在语句中间结束")

    def _begin(self) -> bool:
        """Whether there is another statement; the place is at its first word then."""
        text = self.text
        while True:
            text.place = self._lead.match(text.text, text.place).end()  # type: ignore[union-attr]
            rest = len(text.text) - text.place
            complete = rest >= _HEAD or text.text.find(";", text.place) >= 0
            if complete and not text.text.startswith("/*", text.place):
                return True
            if not text.more():
                return text.place < len(text.text)

    def _next(self) -> Statement:
        text = self.text
        head = text.text[text.place : text.place + 200]
        word = _WORD.match(head)
        if word and word[0] == "\\":  # an order to psql, not SQL
            self._skip_line()
            return Statement(OTHER)
        if word and word[0].upper() == "DELIMITER" and self.writing.name == MYSQL:
            self._skip_delimited()
            return Statement(OTHER)
        told = " ".join(head.split())[:60]
        for kind, pattern in (
            (INSERT, _INSERT),
            (COPY, _COPY),
            (TABLE, _TABLE),
            (CHANGE, _CHANGE),
        ):
            found = pattern.match(text.text, text.place)
            if found and (kind != COPY or self.writing.name == POSTGRESQL):
                return self._known(kind, found, told)
        if word is None or word[0].upper() not in _HARMLESS:
            raise text.fault(f"the statement {told!r} isn't known", f"不认识的语句 {told!r}")
        self.skip()
        return Statement(OTHER, told=told)

    def _known(self, kind: str, found: re.Match[str], told: str) -> Statement:
        text = self.text
        if kind == TABLE:
            name = _identifiers(found[1])
            self._gather()
            columns = self._defined(found[0])
            return Statement(TABLE, name, columns, told)
        if kind == CHANGE:
            self.skip()
            return Statement(CHANGE, _identifiers(found[2]), (), told)
        text.line(text.place)
        text.place = found.end()
        return Statement(kind, _identifiers(found[1]), _identifiers(found[2] or ""), told)

    def _gather(self) -> None:
        """Gets the whole statement into the text, without going past it."""
        while True:
            end = self._run()
            if self.text.text.startswith(";", end) or not self.text.more():
                return

    def _defined(self, head: str) -> tuple[str, ...]:
        """The columns that a CREATE TABLE defines; the place is behind it then."""
        text, depth, columns, starts = self.text, 0, list[str](), False
        place = text.place + len(head)
        for token in self.writing.token.finditer(text.text, place):
            if token.start() != place:  # at the `;`, or at what no token is
                break
            place, word = token.end(), token[0]
            if word == "(":
                depth += 1
                starts = depth == 1
            elif word == ")":
                depth -= 1
            elif (
                depth == 1 and starts and not word.isspace() and not word.startswith(("--", "/*"))
            ):
                starts = False
                if word.upper() not in _KEYS:
                    columns += _identifiers(word)
            if depth == 1 and word.rstrip().endswith(","):
                starts = True
        text.place = place
        self.skip()
        return tuple(columns)

    def _run(self) -> int:
        """The end of the whole tokens from the text's place on."""
        return self.writing.run.match(self.text.text, self.text.place).end()  # type: ignore[union-attr]

    def _depth(self, start: int, end: int) -> int:
        tokens = self.writing.token.finditer(self.text.text, start, end)
        return sum(_DEPTHS.get(token[0].upper(), 0) for token in tokens)

    def skip_rows(self) -> None:
        """Past the rows that follow a COPY."""
        while self.copied_line() is not None:
            pass

    def copied_line(self) -> str | None:
        """The next line of the rows that follow a COPY; None behind the last."""
        text = self.text
        while (end := text.text.find("\n", text.place)) < 0:
            if not text.more():
                raise text.fault(
                    "the dump ends within the rows of COPY", "文件在 COPY 数据中间结束"
                )
        line = text.text[text.place : end].removesuffix("\r")
        text.place = end + 1
        return None if line == COPY_END else line

    def _skip_line(self) -> None:
        while (end := self.text.text.find("\n", self.text.place)) < 0:
            if not self.text.more():
                end = len(self.text.text)
                break
        self.text.place = end

    def _skip_delimited(self) -> None:
        """Past everything up to `DELIMITER ;`: routines, in which no row of a table stands."""
        ending = re.compile(r"^DELIMITER\s+;[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
        while not (found := ending.search(self.text.text, self.text.place)):
            self.text.place = max(self.text.place, self.text.text.rfind("\n"))
            if not self.text.more():
                raise self.text.fault("DELIMITER isn't set back", "DELIMITER 未恢复")
        self.text.place = found.end()


def _identifiers(written: str) -> tuple[str, ...]:
    """The names in `written`, without their quotation marks."""
    return tuple(name[1:-1] if name[0] in '`"[' else name for name in _IDENTIFIER.findall(written))
