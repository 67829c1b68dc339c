"""A release's files as its page lists them: in groups by who wants them, with what each is for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from publisher.deltas import DELTA, TOMBSTONES
from publisher.files import DATAPACKAGE, DCAT, DICTIONARY, EXCEL, RECORDS, SCHEMA_ORG, WORKBOOK
from publisher.manifest import MANIFEST, Release

# Group → name → what it is for. A file without a place here stands in the last group.
GROUPS: dict[str, dict[str, str]] = {
    "All records": {
        WORKBOOK: "For Excel or WPS: codes by their names, long numbers as text, the fields explained",
        EXCEL: "For any spreadsheet: the same as CSV, with formulas made harmless",
        "records.csv": "For programs: exactly the published values, in UTF-8",
        RECORDS: "For programs: one record on each line, as its digest is computed",
        "records.json": "For programs: all records as one JSON array",
        "records.xml": "For programs that read XML; a schema is in the data standard",
        "records.parquet": "For analysis with Python, R or DuckDB: columns with types",
    },
    "What changed": {
        DELTA: "Records added, changed and removed since the release before, with the reason",
        TOMBSTONES: "Every record that was public once and isn't now, with its legal ground",
    },
    "About the data": {
        DICTIONARY: "What each column means",
        DATAPACKAGE: "Columns, types and digests for programs (Frictionless Data Package)",
        DCAT: "Description for data catalogues (DCAT-AP 3)",
        SCHEMA_ORG: "Description for search engines (schema.org)",
    },
    "Proof": {
        MANIFEST: "Names every file with its digest, and the manifest of the release before",
        "manifest.sig": "The publisher's signature under the manifest",
        "verify.py": "Checks all of this on your own computer; needs only Python",
    },
}
PROOF = tuple(GROUPS["Proof"])  # what the manifest can't name
_ROWS = frozenset(GROUPS["All records"])


@dataclass(frozen=True, slots=True)
class File:
    """One file; `purpose` is a message. `bytes`, `rows` and `sha256` are None where nobody knows."""

    name: str
    title: str
    title_en: str
    purpose: str
    bytes: int | None = None
    rows: int | None = None
    sha256: str | None = None


def grouped(release: Release) -> dict[str, list[File]]:
    """Group (a message) → its files, those of the release only."""
    known = {one.name: one for one in release.files}
    told = {group: list(_files(release, names)) for group, names in GROUPS.items()}
    placed = {name for names in GROUPS.values() for name in names}
    told["About the data"] += [
        File(one.name, one.title, one.title_en, "", one.bytes, None, one.sha256)
        for name, one in known.items()
        if name not in placed
    ]
    return {group: files for group, files in told.items() if files}


def _files(release: Release, names: dict[str, str]) -> Iterator[File]:
    for name, purpose in names.items():
        found = release.file(name)
        if found is not None:
            rows = _rows(release, name)
            yield File(name, found.title, found.title_en, purpose, found.bytes, rows, found.sha256)
        elif name in PROOF and (release.path / name).is_file():
            size = (release.path / name).stat().st_size
            yield File(name, name, name, purpose, size)


def _rows(release: Release, name: str) -> int | None:
    counts = release.counts
    if name == DELTA:
        return counts["added"] + counts["changed"] + counts["removed"]
    return counts["records"] if name in _ROWS else None
