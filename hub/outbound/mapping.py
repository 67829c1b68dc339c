"""Records of a standard to rows of the province, every column of a batch in one pass of Polars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from exchange_schemas.batch import LINE
from exchange_schemas.issue import ISSUE_COLUMNS, empty_issues
from exchange_schemas.standard import Standard
from hub.outbound.conditions import holds
from hub.outbound.converters import CONVERTERS, Made
from hub.outbound.rule import Case, Rule
from hub.outbound.table import Column, ProvinceTable

PART = "_part"
#: What XML 1.0 (2.2) has no way to write, so neither an envelope nor a workbook can.
_UNWRITABLE = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"


@dataclass(frozen=True, slots=True)
class Mapped:
    """`rows` has `_line`, `_part` and the province's columns, all texts and null where empty;
    `issues` has `ISSUE_COLUMNS`: the line is the row's, the field is a column of the province."""

    rows: pl.DataFrame
    issues: pl.DataFrame


class Mapper:
    """Maps records of one standard to one table; the expressions are built once.

    Every field that the table names must be one of the standard's (`target_check`).
    """

    def __init__(self, table: ProvinceTable, standard: Standard) -> None:
        self._table, self._standard = table, standard
        self._ways = [
            _lay(column, table.rules.get(name), standard) for name, column in table.columns.items()
        ]

    def map(self, records: pl.DataFrame) -> Mapped:
        """`records` has `_line` and the columns of the standard.

        A row with an issue that is an error can't be delivered as it is.
        """
        made = records.select(
            LINE, self._part(), *(one for way in self._ways for one in way.columns())
        )
        flags = made.select(flag for way in self._ways for flag in way.flags())
        some = {
            name
            for name, there in zip(flags.columns, flags.select(pl.all().any()).row(0), strict=True)
            if there
        }
        issues = [
            way.told(made, flags[name], code)
            for way in self._ways
            for name, code in way.codes().items()
            if name in some
        ]
        rows = made.select(LINE, PART, *(way.cut() for way in self._ways))
        return Mapped(rows, pl.concat([empty_issues(), *issues]).sort("line", maintain_order=True))

    def _part(self) -> pl.Expr:
        """The file that a row belongs to: the first part whose condition holds, else the first."""
        parts, fields = self._table.parts, self._standard.fields
        name = pl.lit(parts[0].name if parts else "", pl.String)
        for part in reversed(parts):
            name = pl.when(holds(part.when, fields)).then(pl.lit(part.name)).otherwise(name)
        return name.alias(PART)


@dataclass(frozen=True, slots=True)
class _Way:
    """How one column comes about. `code` is the issue where its converter fails."""

    column: Column
    value: pl.Expr
    failed: pl.Expr
    needed: pl.Expr
    code: str
    cuts: bool
    source: pl.Expr

    @property
    def name(self) -> str:
        return self.column.name

    def columns(self) -> Iterator[pl.Expr]:
        """The value, and beside it what judging it takes."""
        value = pl.when(self.value != "").then(self.value)
        yield value.alias(self.name)
        if self.code:
            yield self.failed.alias(f"_failed_{self.name}")
            yield self.source.alias(f"_source_{self.name}")
        if self.column.required or self.column.required_when is not None:
            yield self.needed.alias(f"_needed_{self.name}")

    def cut(self) -> pl.Expr:
        """The value as it is delivered."""
        value = pl.col(self.name)
        return value.str.head(self.column.length) if self.cuts and self.column.length else value

    def codes(self) -> dict[str, str]:
        """Name of a flag → the issue of a row where it is true."""
        long = "province_cut" if self.cuts else "province_length"
        known = {
            "failed": self.code,
            "missing": "province_required"
            if self.column.required or self.column.required_when
            else "",
            "odd": "province_characters",
            "long": long if self.column.length is not None else "",
        }
        return {f"{kind}_{self.name}": code for kind, code in known.items() if code}

    def flags(self) -> Iterator[pl.Expr]:
        """What is wrong with the column, of the frame that `columns` made; Boolean without nulls."""
        value = pl.col(self.name)
        failed = pl.col(f"_failed_{self.name}") if self.code else pl.lit(value=False)
        found = {
            "failed": failed,
            "missing": pl.col(f"_needed_{self.name}") & value.is_null() & ~failed,
            "odd": value.str.contains(_UNWRITABLE).fill_null(value=False),
            "long": (value.str.len_chars() > (self.column.length or 0)).fill_null(value=False),
        }
        yield from (found[name.partition("_")[0]].alias(name) for name in self.codes())

    def told(self, made: pl.DataFrame, flag: pl.Series, code: str) -> pl.DataFrame:
        """The issues of the rows where `flag` is true; their words have no value that may be private."""
        shown = [f"_source_{self.name}"] if code == self.code else []
        rows = made.select(LINE, self.name, *shown).filter(flag)
        words = pl.struct(
            pl.lit(self.column.title).alias("title"),
            pl.lit(self.name).alias("title_en"),
            pl.col(self.name).str.len_chars().fill_null(0).cast(pl.String).alias("found"),
            pl.lit(str(self.column.length or "")).alias("expected"),
        )
        return rows.select(
            pl.col(LINE).alias("line"),
            pl.lit(self.name).alias("field"),
            pl.lit(code).alias("code"),
            (pl.col(shown[0]) if shown else pl.lit(None, pl.String)).alias("value"),
            words.struct.json_encode().alias("params"),
        ).cast(ISSUE_COLUMNS)


def _lay(column: Column, rule: Rule | None, standard: Standard) -> _Way:
    nothing = pl.lit(None, pl.String)
    value, failed, source, code = nothing, pl.lit(value=False), nothing, ""
    for case in reversed(rule.cases if rule else ()):
        applies = holds(case.when, standard.fields)
        made, read = _made(case)
        fails = pl.lit(value=False) if made.failed is None else made.failed
        value = pl.when(applies).then(made.value).otherwise(value)
        failed = pl.when(applies).then(fails.fill_null(value=False)).otherwise(failed)
        source = pl.when(applies).then(read).otherwise(source)
        code = (CONVERTERS[case.convert].code if case.fields else "") or code
    needed = pl.lit(column.required)
    if column.required_when is not None:
        needed = needed | holds(column.required_when, standard.fields)
    return _Way(column, value, failed, needed, code, bool(rule and rule.cut), source)


def _made(case: Case) -> tuple[Made, pl.Expr]:
    """What a case gives, and what is shown of its field where it can't: codes and days, never texts."""
    nothing = pl.lit(None, pl.String)
    if not case.fields:
        return Made(pl.lit(case.value, pl.String)), nothing
    converter = CONVERTERS[case.convert]
    cells = [pl.col(name) for name in case.fields]
    if not (converter.several and case.options.get(converter.several)):
        cells = [pl.coalesce(cells)] if len(cells) > 1 else cells
    made = converter.build(cells, case.options)
    if not converter.code:
        return made, nothing
    first = cells[0]
    shown = first.list.join(";") if case.convert == "join" else first.cast(pl.String)
    return made, shown.str.head(100)
