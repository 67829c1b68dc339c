"""Fills the folder of one release: its content, its history, what describes it, and the manifest last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files as package_files

import polars as pl

from publisher import deltas, dictionary, files, manifest
from publisher.columns import DISCLOSED_UNTIL, good_until
from publisher.contents import INTERNAL, contents_of
from publisher.dcat.site_words import SiteWords
from publisher.describing import describe
from publisher.disk import sync, write_synced
from publisher.making import Making, Supply, Written
from publisher.manifest import MANIFEST, Release, ReleaseFile
from publisher.signers import Signer
from publisher.signing import sign_manifest
from publisher.writing_anew import write_anew
from publisher.writing_next import changes_of, write_next

VERIFIER = "verify.py"


def fill(
    making: Making,
    supply: Supply,
    removals: pl.DataFrame | None = None,
    signer: Signer | None = None,
    site: SiteWords | None = None,
) -> Release | None:
    """Write every file of a release; None if it would say the same as the one before.

    The same is: the same records in the same words under the same dictionary. `removals` says why
    records left (`deltas.REMOVALS`), `site` what the descriptions say of whose the release is. Raises
    WholeNeeded, and ValueError as `columns.checked` does.
    """
    (making.folder / INTERNAL).mkdir()
    dictionary.write(making.fields, making.folder / files.DICTIONARY)
    before = making.before
    if before is None:
        written = write_anew(making, supply)
    else:
        changes = changes_of(making, before, supply)
        if changes.none and making.same_words:
            return None
        written = write_next(making, before, changes)
    _write_history(making, written, removals)
    return _finished(making, written, signer, site)


def _write_history(making: Making, written: Written, removals: pl.DataFrame | None) -> None:
    gone = deltas.reasoned(written.gone, removals)
    deltas.write_delta(making.folder / deltas.DELTA, written.put, gone)
    before = making.current.path / deltas.TOMBSTONES if making.current else None
    day = making.planned.created_at[:10]
    buried = deltas.next_tombstones(before, written.put, gone, making.planned.number, day)
    buried.write_csv(making.folder / deltas.TOMBSTONES, line_terminator="\r\n")


def _finished(
    making: Making, written: Written, signer: Signer | None, site: SiteWords | None
) -> Release:
    folder = making.folder
    content = [files.described(name, *told) for name, told in written.files.items()]
    content += [files.seal(folder, name) for name in (files.DICTIONARY, *deltas.FILES)]
    release = replace(
        making.planned,
        counts=_counts(written, contents_of(folder).height),
        records_sha256=written.files[files.RECORDS][1],
        commitments_sha256=written.commitments_sha256,
        good_until=_good_until(making),
    )
    content += describe(making, release, _in_order(content), site)
    release = replace(release, files=_in_order(content))
    write_synced(folder / MANIFEST, manifest.as_json(release))
    sign_manifest(folder, signer)
    verifier = package_files("publisher").joinpath("verifier.py").read_bytes()
    write_synced(folder / VERIFIER, verifier)
    for item in (*folder.iterdir(), *(folder / INTERNAL).iterdir()):
        if item.is_file():
            files.keep(item)
    sync(folder / INTERNAL)
    sync(folder)
    return release


def _in_order(content: Sequence[ReleaseFile]) -> tuple[ReleaseFile, ...]:
    return tuple(sorted(content, key=lambda file: list(files.FILES).index(file.name)))


def _counts(written: Written, records: int) -> dict[str, int]:
    """records, and added, changed, removed against the release before."""
    kinds = dict(written.put.group_by("change").len().iter_rows())
    return {
        "records": records,
        "added": kinds.get("added", 0),
        "changed": kinds.get("changed", 0),
        "removed": written.gone.height,
    }


def _good_until(making: Making) -> str | None:
    if DISCLOSED_UNTIL not in making.fields:
        return None
    return good_until(making.standard, contents_of(making.folder).read(DISCLOSED_UNTIL))
