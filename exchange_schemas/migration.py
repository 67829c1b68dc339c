"""Records of one version of a standard as records of another, as its folder declares it.

`v1-v2.migration.yml` accounts for every field of both versions: fields of the same name pass, `fields`
renames (through a `table` where codes differ), `derived` computes (see `derivations`), `missing` says
why the target's field stays empty, `dropped` why the source's has no place. Nothing is defaulted.
`migration_check` holds it to that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.derivations import DERIVATIONS
from exchange_schemas.errors import Misdeclared
from exchange_schemas.explain import SHOWN
from exchange_schemas.issue import ISSUE_COLUMNS, Issue
from exchange_schemas.migration_check import PARTS, check_migration, column_of, same_fields
from exchange_schemas.sealed import without_sealed
from exchange_schemas.standard import Field, Standard
from exchange_schemas.strict_yaml import read_strictly
from exchange_schemas.titles import with_titles
from exchange_schemas.validate import Checked, check


@dataclass(frozen=True, slots=True)
class Migration:
    """From one version to another: target field → what it comes from, or why it has nothing.

    `same` are the fields of both versions that have one name and pass as they are.
    """

    source: Standard
    target: Standard
    fields: Mapping[str, Any]
    derived: Mapping[str, Mapping[str, Any]]
    missing: Mapping[str, Mapping[str, str]]
    dropped: Mapping[str, Mapping[str, str]]
    same: tuple[str, ...]


def migration_file(folder: Path, source: str, target: str) -> Path:
    """Where a standard's folder declares the way between two of its versions."""
    return folder / f"v{source}-v{target}.migration.yml"


def load_migration(folder: Path, source: Standard, target: Standard) -> Migration:
    """The declared way; raises Misdeclared (version_untranslatable, migration_invalid)."""
    path = migration_file(folder, source.version, target.version)
    if not path.is_file():
        words = {"dataset": source.dataset, "expected": target.version}
        raise Misdeclared(Issue("version_untranslatable", value=source.version, params=words))
    told = _read(path)
    for issue in check_migration(told, source, target, path.name):
        raise Misdeclared(issue)
    fields, derived, missing, dropped = (told.get(name) or {} for name in PARTS)
    same = tuple(same_fields(told, source, target))
    return Migration(source, target, fields, derived, missing, dropped, same)


@cache
def _read(path: Path) -> Mapping[str, Any]:
    try:
        told = read_strictly(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise _invalid(path, str(error)) from error
    if not isinstance(told, dict):
        raise _invalid(path, "is no mapping")
    return told


def _invalid(path: Path, reason: str) -> Misdeclared:
    words = {"place": path.name, "reason": reason}
    return Misdeclared(Issue("migration_invalid", params=words))


def migrate(told: Migration, rows: pl.DataFrame) -> pl.DataFrame:
    """Columns of the target version, and those of `rows` that aren't the source's fields."""
    made = {
        **{name: pl.col(name) for name in told.same},
        **{name: _taken(told.source, rule) for name, rule in told.fields.items()},
        **{name: DERIVATIONS[rule["by"]].build(rule) for name, rule in told.derived.items()},
        **{name: pl.lit(None) for name in told.missing},
    }
    others = [name for name in rows.columns if name not in told.source.fields]
    columns = [made[name].cast(t).alias(name) for name, t in told.target.dtypes.items()]
    return rows.select(*others, *columns)


def _taken(source: Standard, rule: Any) -> pl.Expr:
    """A field as it is, or each of its codes looked up; null where one has no counterpart."""
    column = column_of(rule)
    if isinstance(rule, str):
        return pl.col(column)
    if source.fields[column].kind != "list":
        return _looked_up(pl.col(column), rule["table"])
    codes = pl.col(column).list.eval(_looked_up(pl.element(), rule["table"]))
    return pl.when(~codes.list.eval(pl.element().is_null()).list.any()).then(codes)


def _looked_up(code: pl.Expr, table: Mapping[str, str]) -> pl.Expr:
    return code.replace_strict(dict(table), default=None, return_dtype=pl.String)


def translate(told: Migration, rows: pl.DataFrame) -> Checked:
    """`rows` (`_line` and the source version's fields) as accepted rows of the target version.

    A row that is no valid record of the target, or has a code without a counterpart, isn't among
    them; `issues` says why, in lines of `rows`.
    """
    made = migrate(told, rows)
    lost = pl.concat([ISSUE_COLUMNS.to_frame(), *_without_counterpart(told, rows, made)])
    given = told.target.fields.keys() - told.missing.keys()
    checked = check(told.target, Batch(made), given)
    bad = lost["line"].unique().implode()
    issues = pl.concat([with_titles(lost, told.target.fields), checked.issues])
    issues = without_sealed(issues, told.target.fields)
    return Checked(checked.rows.filter(~pl.col(LINE).is_in(bad)), issues)


def _without_counterpart(
    told: Migration, rows: pl.DataFrame, made: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    for name, rule in told.fields.items():
        if isinstance(rule, str):
            continue
        column = column_of(rule)
        lost = rows.filter(rows[column].is_not_null() & made[name].is_null())
        yield lost.select(
            line=LINE,
            field=pl.lit(name),
            code=pl.lit("no_counterpart"),
            value=_shown(told.source.fields[column]),
            params=pl.lit(f'{{"expected":"{told.target.version}"}}'),
        )


def _shown(field: Field) -> pl.Expr:
    value = pl.col(field.name)
    text = value.list.join("；") if field.kind == "list" else value
    return text.str.slice(0, SHOWN)
