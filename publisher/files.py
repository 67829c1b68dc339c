"""The files of a release: what each is called and what it is."""

from __future__ import annotations

from pathlib import Path

from publisher.deltas import DELTA, TOMBSTONES
from publisher.disk import sha256, sync
from publisher.manifest import ReleaseFile

RECORDS = "records.jsonl"
DICTIONARY = "dictionary.csv"
DATAPACKAGE = "datapackage.json"
EXCEL = "records-excel.csv"
WORKBOOK = "records.xlsx"
DCAT, SCHEMA_ORG = "dcat.jsonld", "schema-org.jsonld"

# name → media type, Chinese and English title
FILES = {
    "records.csv": ("text/csv", "全部记录（CSV，供程序读取）", "All records (CSV, for programs)"),
    EXCEL: (
        "text/csv",
        "全部记录（用表格软件打开）",
        "All records (to open in a spreadsheet)",
    ),
    WORKBOOK: (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "全部记录（Excel 工作簿）",
        "All records (Excel workbook)",
    ),
    RECORDS: ("application/x-ndjson", "全部记录（JSON Lines）", "All records (JSON Lines)"),
    "records.json": ("application/json", "全部记录（JSON）", "All records (JSON)"),
    "records.xml": ("application/xml", "全部记录（XML）", "All records (XML)"),
    "records.parquet": (
        "application/vnd.apache.parquet",
        "全部记录（Parquet，供数据分析）",
        "All records (Parquet, for analysis)",
    ),
    DICTIONARY: ("text/csv", "数据字典", "Data dictionary"),
    DELTA: ("text/csv", "与上一版的差异", "Changes since the release before"),
    TOMBSTONES: ("text/csv", "撤下记录清单", "Records that were taken back"),
    DATAPACKAGE: (
        "application/json",
        "数据包描述（Data Package）",
        "Description for programs (Data Package)",
    ),
    DCAT: ("application/ld+json", "目录描述（DCAT-AP）", "Description for catalogues (DCAT-AP)"),
    SCHEMA_ORG: (
        "application/ld+json",
        "搜索引擎描述（schema.org）",
        "Description for search engines (schema.org)",
    ),
}

#: What has a record's content in it, and is erased once a release after it took records back.
CONTENT = tuple(name for name in FILES if name.startswith("records"))


def described(name: str, size: int, digest: str) -> ReleaseFile:
    """The file `name` of a release as manifests have it."""
    return ReleaseFile(name, size, digest, *FILES[name])


def seal(folder: Path, name: str) -> ReleaseFile:
    """Have a finished file on the disk, make it read-only and describe it."""
    path = folder / name
    keep(path)
    return described(name, path.stat().st_size, sha256(path))


def keep(path: Path) -> None:
    """Have a finished file on the disk and make it read-only."""
    sync(path)
    path.chmod(0o444)
