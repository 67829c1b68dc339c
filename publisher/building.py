"""Fills the folder of one release: all files first, the manifest last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from exchange_schemas.standard import Field, Standard
from publisher import datapackage, files, manifest
from publisher.columns import RECORD_ID, arranged, good_until, release_columns
from publisher.disk import sync, write_synced
from publisher.formats import json_lines
from publisher.manifest import MANIFEST, Release, ReleaseFile


def fill(
    planned: Release, standard: Standard, view: pl.DataFrame, current: Release | None
) -> Release | None:
    """Write every file into `planned.path`; None if it would say the same as `current`.

    The same is: the same records in the same words under the same dictionary.
    """
    fields, frame = release_columns(standard, view), arranged(standard, view)
    lines = files.write_content(planned.path, fields, frame)
    content = [files.seal(planned.path, name) for name in files.CONTENT]
    if current and all(current.file(file.name) == file for file in content):
        return None
    files.write_formats(planned.path, standard, fields, frame, lines)
    content += [files.seal(planned.path, name) for name in files.FORMATS]
    content.append(_describe(planned, standard, fields, content))
    release = replace(
        planned, counts=_counts(lines, current), files=_in_order(content),
        records_sha256=content[0].sha256, good_until=good_until(standard, frame),
    )  # fmt: skip
    write_synced(planned.path / MANIFEST, manifest.as_json(release))
    (planned.path / MANIFEST).chmod(0o444)
    sync(planned.path)
    return release


def _describe(
    planned: Release, standard: Standard, fields: Mapping[str, Field], content: list[ReleaseFile]
) -> ReleaseFile:
    described = [file for file in _in_order(content) if file.name != files.INDEX]
    package = datapackage.as_json(standard, fields, described, planned)
    write_synced(planned.path / files.DATAPACKAGE, package)
    return files.seal(planned.path, files.DATAPACKAGE)


def _in_order(content: list[ReleaseFile]) -> tuple[ReleaseFile, ...]:
    return tuple(sorted(content, key=lambda file: list(files.FILES).index(file.name)))


def _counts(lines: pl.DataFrame, current: Release | None) -> dict[str, int]:
    """records, and added, changed, removed against the current release."""
    if current is None:
        return {"records": lines.height, "added": lines.height, "changed": 0, "removed": 0}
    before = json_lines.read_hashes(current.path / files.RECORDS)
    kept = lines.select(RECORD_ID, "hash").join(before, on=RECORD_ID, suffix="_before")
    return {
        "records": lines.height,
        "added": lines.height - kept.height,
        "changed": kept.filter(pl.col("hash") != pl.col("hash_before")).height,
        "removed": before.height - kept.height,
    }
