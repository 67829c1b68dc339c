"""A sample of a file: its columns as the reader will name them, and its first rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from typing import Any

import polars as pl

from adapters.artefact import Artefact
from adapters.csv_header import name_columns
from adapters.feed import Breaker, Feed, Format, Source
from adapters.pull import read
from adapters.suggest import json_layout, xml_layout
from adapters.suggest.csv_layout import Layout
from adapters.suggest.format_guess import Guess, allowed, guess_format
from adapters.suggest.head import Head, head_file
from adapters.suggest.reason import Reason
from adapters.suggest.sheet_layout import sheet_rows
from adapters.suggest.table_layout import largest_table
from exchange_schemas.batch import LINE

ROWS = 400  # rows of a sample

# Readers of these go through the whole file before they give a row: they get its head.
_HEADS = {"jsonl": "\n", "pydict": "\n", "fixed": "\n", "sqldump": ";\n"}


@dataclass(frozen=True, slots=True)
class Sample:
    """`rows` has the source's columns, all String; `hints` are what a person has to see to."""

    format: Mapping[str, Any]
    guess: Guess
    rows: pl.DataFrame
    hints: Sequence[Reason] = ()


def take_sample(head: Head) -> Sample:
    """The file's format and first rows.

    Raises SourceUnreadable as `guess_format` and the format's reader do.
    """
    guess = guess_format(head)
    options = dict(guess.options)
    if guess.layout is not None:
        rows = _rows_of(guess.layout, head.artefact.name)
    elif "header_row" in allowed(guess.kind, {"header_row": 1}):
        more, rows = sheet_rows(lambda told: _read(head, guess.kind, told))
        options |= allowed(guess.kind, more)
    else:
        options |= allowed(guess.kind, _place(head, guess))
        rows = _read(head, guess.kind, options)
    if head.members is not None and head.members != "*":
        options["members"] = head.members
    rows = rows.drop(LINE, strict=False).head(ROWS)
    return Sample({"kind": guess.kind, **options}, guess, rows, list(_hints(guess)))


def _place(head: Head, guess: Guess) -> dict[str, Any]:
    """Where in the file its records are."""
    if guess.kind == "json":
        return json_layout.rows_options(head, str(guess.options.get("encoding", "utf-8")))
    if guess.kind == "xml":
        return xml_layout.rows_options(head)
    return {"table": table} if (table := largest_table(head, guess)) else {}


def _hints(guess: Guess) -> Iterator[Reason]:
    """What was seen and can't be declared, because the installed reader has no word for it."""
    made = guess.layout
    if made is None:
        return
    line = made.lines[made.header]
    if made.header > 0 and "skip" not in guess.options:
        yield Reason(
            f"列名在第 {line} 行，而此格式的读取器不会跳过标题行：请先删去上面的行",
            f"the column names are on line {line}, and the reader of this format can't skip titles: "
            "delete the lines above",
        )
    if made.header_rows > 1 and "header_rows" not in guess.options:
        yield Reason(
            f"第 {line} 行起像是两行合并的表头，请改成一行",
            f"the header seems to take two rows from line {line} on: make it one",
        )


def _rows_of(made: Layout, file: str) -> pl.DataFrame:
    """The sample's rows of a CSV file, columns named as its reader names them."""
    last = made.header + made.header_rows - 1
    columns = name_columns(_names(made), made.lines[last], file)
    rows = [row for row in made.rows[last + 1 :] if any(row) and len(row) == len(columns)]
    data = {name: [row[k] for row in rows] for k, name in enumerate(columns)}
    return pl.DataFrame(data, schema=dict.fromkeys(columns, pl.String))


def _names(made: Layout) -> list[str]:
    upper, *lower = made.rows[made.header : made.header + made.header_rows]
    if not lower:
        return upper
    names, group = [], ""
    for k, below in enumerate(lower[0]):
        above = upper[k] if k < len(upper) else ""
        group = above or (group if below else "")
        names.append("/".join(dict.fromkeys(part for part in (group, below) if part)))
    return names


def _read(head: Head, kind: str, options: Mapping[str, Any]) -> pl.DataFrame:
    """The first rows as the format's reader gives them, with `_line`."""
    feed = _feed(head.artefact, kind, options)
    with ExitStack() as stack:
        short = _HEADS.get(kind)
        source = head_file(head, short) if short else nullcontext(head.artefact)
        batches = read(feed, stack.enter_context(source))
        first = next(batches).rows
        for batch in batches:
            if first.height:
                break
            first = batch.rows
    return first.head(ROWS)


def _feed(artefact: Artefact, kind: str, options: Mapping[str, Any]) -> Feed:
    """A feed that takes no column: enough for a reader."""
    return Feed(
        name="suggest",
        title={"zh": artefact.name, "en": artefact.name},
        standard="",
        version=None,
        source=Source("file"),
        format=Format(kind, options),
        mode="increment",
        nulls=(),
        fields={},
        ignore={},
        breaker=Breaker(),
        path=artefact.path,
    )
