"""Whether the records of a release are those to which its manifest is committed, line by line."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from polars.exceptions import PolarsError

from exchange_schemas.issue import Issue
from exchange_schemas.record import digest_expr
from publisher.columns import RECORD_ID
from publisher.contents import COMMITMENT, INTERNAL, contents_of
from publisher.deltas import commitments_digest
from publisher.files import RECORDS
from publisher.index_build import INDEX
from publisher.manifest import Release, name_of
from publisher.places import PLACES, places_of

_LENGTH = "_jsonl"
_OWN = (INDEX, PLACES, "rows.parquet")  # of the folder `internal`


def wrong_rows(release: Release) -> list[Issue]:
    """What is wrong with records.jsonl, and with what the portal finds records by.

    Each line is held against the commitment in internal/rows.parquet, and all of these against the
    manifest. Reads them some thousand at a time.
    """
    folder = release.path / INTERNAL
    missing = [name for name in _OWN if not (folder / name).is_file()]
    surplus = sorted({item.name for item in folder.glob("*")} - {*_OWN})
    if missing or surplus:
        told = [f"{INTERNAL}/{name}: missing" for name in missing]
        return [_wrong(release, one) for one in (*told, *(f"{INTERNAL}/{n}" for n in surplus))]
    try:
        return [*_wrong_lines(release), *_wrong_set(release), *_wrong_places(release)]
    except (PolarsError, OSError, ValueError) as error:
        return [_wrong(release, f"{INTERNAL}: {error}")]


def _wrong(release: Release, reason: str) -> Issue:
    return Issue("release_wrong", value=name_of(release.path), params={"reason": reason})


def _wrong_lines(release: Release) -> Iterator[Issue]:
    """The first line that isn't the one to which the release is committed, and how many there are."""
    line = 1
    with (release.path / RECORDS).open("rb") as file:
        for rows in contents_of(release.path).slices():
            size = int(rows[_LENGTH].cast(pl.UInt64).sum()) + rows.height
            lines = pl.Series("text", file.read(size).split(b"\n")[: rows.height], pl.Binary)
            lines = lines.extend_constant(b"", rows.height - len(lines))
            digests = _digests(lines)
            wrong = (digests != rows[COMMITMENT]).arg_true()
            if len(wrong):
                yield _altered(release, line + int(wrong[0]), str(rows[RECORD_ID][int(wrong[0])]))
                return
            line += rows.height
        if file.read(1):
            yield _altered(release, line, "")


def _digests(lines: pl.Series) -> pl.Series:
    text = lines.to_frame().select(pl.col("text").cast(pl.String, strict=False))
    return text.select(digest_expr(pl.col("text")).alias(COMMITMENT))[COMMITMENT]


def _altered(release: Release, line: int, record: str) -> Issue:
    return Issue(
        "release_record_wrong", value=name_of(release.path), file=RECORDS, line=line,
        params={"record": record},
    )  # fmt: skip


def _wrong_set(release: Release) -> Iterator[Issue]:
    commitments = contents_of(release.path).read(COMMITMENT)[COMMITMENT]
    if commitments_digest(commitments) != release.commitments_sha256:
        yield _wrong(release, f"{INTERNAL}/rows.parquet: commitments_sha256")
    if len(commitments) != release.counts["records"]:
        yield _wrong(release, f"{INTERNAL}/rows.parquet: {len(commitments)} records")


def _wrong_places(release: Release) -> Iterator[Issue]:
    rows = contents_of(release.path).read(RECORD_ID, _LENGTH).rename({_LENGTH: "length"})
    if (release.path / INTERNAL / PLACES).read_bytes() != places_of(rows):
        yield _wrong(release, f"{INTERNAL}/{PLACES}: not where the records are")
