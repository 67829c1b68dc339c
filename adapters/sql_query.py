"""What a feed asks a database for, as SQLAlchemy statements: each is one SELECT."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    TextClause,
    bindparam,
    column,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.sql.elements import quoted_name

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

# What in SQL may hold a semicolon that ends nothing. A literal with a backslash isn't taken for
# one: databases don't agree on where it ends.
_INERT = re.compile(
    r"""'(?:[^'\\]|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^\]]*\] | --[^\n]* | /\*.*?\*/
    | \$(\w*)\$.*?\$\1\$""",
    re.VERBOSE | re.DOTALL,
)
NEVER: ColumnElement[bool] = literal_column(
    "1 = 0"
)  # false() comes out in words that not every database knows
_FIRST_WORD = re.compile(r"[\s(]*(\w+)")


@dataclass(frozen=True, slots=True)
class Query:
    """`rows` is the table, view or query; `name` what people call it; `where` a condition or None."""

    rows: FromClause | TextClause
    name: str
    where: ColumnElement[bool] | None = None

    def empty(self) -> Select[Any]:
        """No rows, for their columns."""
        return select(literal_column("*")).select_from(self.rows).where(NEVER)

    def one(self, name: str) -> Select[Any]:
        """Any value of a column, for its type."""
        return self._of([exact(name)]).where(exact(name).is_not(None)).limit(1)

    def last(self, name: str, newer: ColumnElement[bool] | None) -> Select[Any]:
        """The greatest value of a column among the rows that are `newer`."""
        found = self._newer([exact(name)], newer).where(exact(name).is_not(None))
        return found.order_by(exact(name).desc()).limit(1)

    def all(
        self,
        columns: Sequence[ColumnElement[Any]],
        newer: ColumnElement[bool] | None = None,
        order: str | None = None,
    ) -> Select[Any]:
        """The rows that are `newer`, in the `order` of a column."""
        found = self._newer(columns, newer)
        return found if order is None else found.order_by(exact(order))

    def _newer(
        self, columns: Sequence[ColumnElement[Any]], newer: ColumnElement[bool] | None
    ) -> Select[Any]:
        return self._of(columns) if newer is None else self._of(columns).where(newer)

    def _of(self, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        found = select(*columns).select_from(self.rows)
        return found if self.where is None else found.where(self.where)


def read_query(options: Mapping[str, Any]) -> Query:
    """What the feed says under table, view, query and where; raises Misdeclared (query_unfit)."""
    where = options.get("where")
    if where is not None:
        _check(where, "where")
    condition: ColumnElement[bool] | None = (
        None if where is None else literal_column(f"({where}\n)")
    )
    if "query" in options:
        asked = options["query"].strip().removesuffix(";")
        _check(asked, "query")
        word = _FIRST_WORD.match(_INERT.sub(" ", asked))
        if word is None or word[1].upper() not in ("SELECT", "WITH"):
            raise _unfit("query", "it doesn't begin with SELECT or WITH")
        # text() takes :name for a parameter
        inner = text("({}\n) q".format(asked.replace(":", "\\:")))
        return Query(inner, "query", condition)
    name = options.get("table") or options["view"]
    return Query(table(name, schema=options.get("schema")), name, condition)


def above(name: str, value: Any, inclusive: bool) -> ColumnElement[bool]:
    """Whether a column is greater than `value`."""
    low: ColumnElement[Any] = bindparam("low", value)
    return exact(name) >= low if inclusive else exact(name) > low


def exact(name: str) -> ColumnElement[Any]:
    """The column whose name is written exactly so."""
    return column(quoted_name(name, quote=True))


def _check(sql: str, option: str) -> None:
    rest = _INERT.sub(" ", sql)
    if ";" in rest:
        raise _unfit(option, "it has a semicolon")
    if re.search("['\"`]|/\\*", rest):
        raise _unfit(
            option, "it has a quotation mark without its partner, or a backslash in a text"
        )
    if not _balanced(rest):
        raise _unfit(option, "its brackets aren't in pairs")


def _balanced(sql: str) -> bool:
    depth = 0
    for mark in re.findall("[()]", sql):
        depth += 1 if mark == "(" else -1
        if depth < 0:
            return False
    return depth == 0


def _unfit(option: str, reason: str) -> Misdeclared:
    return Misdeclared(Issue("query_unfit", params={"option": option, "reason": reason}))
