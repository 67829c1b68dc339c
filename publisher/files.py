"""The files of a release: what each is called, what it is, and how all of them are written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from exchange_schemas.standard import Field, Standard
from publisher import dictionary
from publisher.disk import sha256, sync
from publisher.formats import canonical_csv, excel_csv, json_lines, parquet
from publisher.index import build_index
from publisher.manifest import ReleaseFile

RECORDS = "records.jsonl"
DICTIONARY = "dictionary.csv"
DATAPACKAGE = "datapackage.json"
INDEX = "index.sqlite"
EXCEL = "records-excel.csv"

# name → media type, Chinese and English title
FILES = {
    "records.csv": ("text/csv", "全部记录（CSV，供程序读取）", "All records (CSV, for programs)"),
    EXCEL: (
        "text/csv",
        "全部记录（用表格软件打开）",
        "All records (to open in a spreadsheet)",
    ),
    RECORDS: ("application/x-ndjson", "全部记录（JSON Lines）", "All records (JSON Lines)"),
    "records.parquet": (
        "application/vnd.apache.parquet",
        "全部记录（Parquet，供数据分析）",
        "All records (Parquet, for analysis)",
    ),
    DICTIONARY: ("text/csv", "数据字典", "Data dictionary"),
    INDEX: ("application/vnd.sqlite3", "检索索引（SQLite）", "Search index (SQLite)"),
    DATAPACKAGE: (
        "application/json",
        "数据包描述（Data Package）",
        "Description for programs (Data Package)",
    ),
}

CONTENT = (RECORDS, DICTIONARY)  # whether these differ tells whether a release is a new one
FORMATS = ("records.csv", EXCEL, "records.parquet", INDEX)


def write_content(folder: Path, fields: Mapping[str, Field], frame: pl.DataFrame) -> pl.DataFrame:
    """Write what tells whether a release would be a new one; returns where the lines stand."""
    dictionary.write(fields, folder / DICTIONARY)
    return json_lines.write(frame, fields, folder / RECORDS)


def write_formats(
    folder: Path,
    standard: Standard,
    fields: Mapping[str, Field],
    frame: pl.DataFrame,
    lines: pl.DataFrame,
) -> None:
    """Write the other formats and the index."""
    canonical_csv.write(frame, fields, folder / "records.csv")
    excel_csv.write(frame, fields, folder / EXCEL)
    parquet.write(frame, fields, folder / "records.parquet")
    build_index(folder / INDEX, standard.roles, frame, lines)


def seal(folder: Path, name: str) -> ReleaseFile:
    """Have a finished file on the disk, make it read-only and describe it."""
    path = folder / name
    sync(path)
    path.chmod(0o444)
    return ReleaseFile(name, path.stat().st_size, sha256(path), *FILES[name])
