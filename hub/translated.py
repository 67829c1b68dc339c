"""Ledger content of any version of a standard as records of one version."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Connection, select

from exchange_schemas.batch import LINE
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue, empty_issues, issues_frame
from exchange_schemas.migration import translate
from exchange_schemas.record import parse_records
from exchange_schemas.standard import Standard
from exchange_schemas.validate import Checked
from hub.bulk import select_frame
from hub.tables import dataset, run

VERSIONS = {
    "first_seq": pl.Int64,
    "version": pl.String,
    "department": pl.String,
    "author": pl.String,
}


def with_versions(connection: Connection, name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` (seq), in the order of seq, with the version that each revision was checked with, and
    the department and the author (null: none is known) of the run that it came with."""
    query = (
        select(run.c.first_seq, run.c.standard_version, run.c.department, run.c.actor)
        .join(dataset, dataset.c.id == run.c.dataset_id)
        .where(dataset.c.name == name, run.c.first_seq.is_not(None))
        .order_by(run.c.first_seq)
    )
    runs = select_frame(connection, query, VERSIONS)
    joined = rows.sort("seq").join_asof(
        runs.set_sorted("first_seq"), left_on="seq", right_on="first_seq", strategy="backward"
    )
    return joined.drop("first_seq")


def fields_as(
    catalogue: Catalogue, target: Standard, rows: pl.DataFrame, fields: Sequence[str]
) -> pl.DataFrame:
    """As `records_as`, but only `fields` and `_line`: records of that version are read for no more."""
    mine = pl.col("version") == target.version
    wanted = {name: target.dtypes[name] for name in fields}
    own, others = rows.filter(mine), rows.filter(~mine)
    found = parse_records(own["json"], wanted).with_columns(own["seq"].alias(LINE))
    translated = records_as(catalogue, target, others).rows
    return pl.concat([found, translated.select(found.columns)]).sort(LINE)


def records_as(catalogue: Catalogue, target: Standard, rows: pl.DataFrame) -> Checked:
    """`rows` (seq, version, json of records) as records of `target`: its columns and `_line` (seq).

    A record that is no valid record of that version, or of a version without a declared way to it,
    isn't among them; `issues` says why, with seq as line.
    """
    parts = [
        _translated(catalogue, target, version, part)
        for (version,), part in rows.group_by("version", maintain_order=True)
    ]
    empty = pl.DataFrame(schema={LINE: pl.Int64, **target.dtypes})
    found = pl.concat([empty, *(part.rows.select(empty.columns) for part in parts)])
    return Checked(found.sort(LINE), pl.concat([empty_issues(), *(part.issues for part in parts)]))


def _translated(
    catalogue: Catalogue, target: Standard, version: object, rows: pl.DataFrame
) -> Checked:
    if version == target.version:
        return Checked(_parsed(target, rows), empty_issues())
    try:
        told = catalogue.migration(target.dataset, str(version), target.version)
    except Misdeclared as error:
        issues = [Issue(error.issue.code, seq, value=error.issue.value, params=error.issue.params)
                  for seq in rows["seq"]]  # fmt: skip
        return Checked(
            pl.DataFrame(schema={LINE: pl.Int64, **target.dtypes}), issues_frame(issues)
        )
    return translate(told, _parsed(told.source, rows))


def _parsed(standard: Standard, rows: pl.DataFrame) -> pl.DataFrame:
    return parse_records(rows["json"], standard.dtypes).with_columns(rows["seq"].alias(LINE))
