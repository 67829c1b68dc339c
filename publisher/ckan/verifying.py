"""A CKAN read back: every row, every uploaded byte and every word, against the release."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import polars as pl

from exchange_schemas.errors import HubError, TargetRefused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from publisher.ckan.client import Client
from publisher.ckan.describing import TABLE, Part, package_of, parts_of, said_otherwise
from publisher.ckan.package import Package, download_path
from publisher.ckan.rows import COMMITMENT, columns_of, commitments
from publisher.ckan.table import DataTable
from publisher.columns import RECORD_ID
from publisher.manifest import Release

_TOLD = 5  # ids of records that differ, named in a message


def verify(client: Client, standard: Standard, release: Release) -> list[Issue]:
    """What in a CKAN isn't as the release: rows by their digests, uploads by their bytes, words,
    and whether the public sees it. Empty: nothing."""
    package = Package(client, client.target.package(standard.dataset))
    if not package.find():
        return [_differs(release, package.name, "absent")]
    found: list[Issue] = []
    if client.target.table:
        found += _table(client, package, release)
    parts = parts_of(release, client.target)[0]
    found += _files(client, package, parts, release, [part.name for part in parts])
    wanted = {**package_of(standard, release, client.target), "private": False}
    found += [_differs(release, "dataset", name) for name in said_otherwise(package.shown, wanted)]
    found += [_differs(release, "datastore", resource) for resource in package.strays()]
    return found


def _table(client: Client, package: Package, release: Release) -> Iterator[Issue]:
    resource = package.resource(TABLE)
    table = resource and DataTable(client, str(resource["id"]), columns_of(release))
    if not table or not table.fits():
        yield _differs(release, TABLE, "columns")
    else:
        yield from check_rows(table, release, None)


def check_rows(table: DataTable, release: Release, ids: pl.Series | None) -> Iterator[Issue]:
    """What is wrong with the rows: with all of them, or with these records and the count."""
    count = table.count()
    if count != release.counts["records"]:
        yield _differs(release, TABLE, f"{count} ≠ {release.counts['records']}")
    if ids is not None and ids.is_empty():
        return
    held = table.held() if ids is None else table.held_of(ids)
    other = (
        commitments(release, ids)
        .join(held, on=RECORD_ID, how="full", coalesce=True)
        .filter(pl.col(COMMITMENT).ne_missing(pl.col(f"{COMMITMENT}_right")))
    )
    if not other.is_empty():
        named = ", ".join(other[RECORD_ID].sort().head(_TOLD))
        yield _differs(release, TABLE, f"{other.height}: {named}")


def check_files(
    client: Client, package: Package, parts: Sequence[Part], release: Release,
    names: Collection[str],
) -> None:  # fmt: skip
    """Raises TargetRefused (ckan_differs) where one of the named files isn't the release's."""
    for issue in _files(client, package, parts, release, names):
        raise TargetRefused(issue)


def wrong_files(client: Client, package: Package, parts: Sequence[Part]) -> set[str]:
    """Names of the uploads whose bytes aren't the release's."""
    known = [part for part in parts if part.link is None and package.resource(part.name)]
    return {part.name for part in known if _wrong(client, package, part)}


def _files(
    client: Client, package: Package, parts: Sequence[Part], release: Release,
    names: Collection[str],
) -> Iterator[Issue]:  # fmt: skip
    for part in parts:
        if part.name in names and (wrong := _wrong(client, package, part)):
            yield _differs(release, part.name, wrong)


def _wrong(client: Client, package: Package, part: Part) -> str | None:
    found = package.resource(part.name)
    if found is None:
        return "absent"
    if part.link is not None:
        return None if found.get("url") == part.link else "url"
    try:
        digest, size = client.sha256(download_path(found))
    except HubError as error:
        if isinstance(error, TargetRefused):
            return error.issue.code
        raise
    if size != part.bytes:
        return f"{size} ≠ {part.bytes} bytes"
    return None if digest == part.sha256 else "SHA-256"


def _differs(release: Release, place: str, what: str) -> Issue:
    words = {"dataset": release.dataset, "release": str(release.number)}
    return Issue("ckan_differs", params={**words, "place": place, "what": what})
