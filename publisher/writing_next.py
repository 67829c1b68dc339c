"""The files of a release from the one before it and what differs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from publisher.changes import Changes, Parts, changes_of_parts, changes_of_view
from publisher.columns import RECORD_ID, taken
from publisher.contents import COMMITMENT, INTERNAL, Contents, contents_of
from publisher.formats.row_file import RowFormat
from publisher.index_build import INDEX, build_index
from publisher.index_update import update_index
from publisher.making import Making, Supply, Written
from publisher.manifest import Release
from publisher.merging import Merge, merge
from publisher.ordering import scanned
from publisher.splicing import Rows, splice
from publisher.writing import (
    LENGTHS,
    ROW_FORMATS,
    Prepared,
    prepare,
    write_contents,
    write_formats,
)
from publisher.writing_anew import completed

SPLICED_FROM = 20_000  # records; of fewer, all files are written faster than explained
SPLICED_SHARE = 0.1  # of the records: beyond it little can be copied
_COPIES = 3  # files that are copied at a time; one of them waits for the disk


def changes_of(making: Making, before: Contents, supply: Supply) -> Changes:
    """What the supply changes in the release before."""
    if isinstance(supply, Parts):
        parts = Parts(taken(making.standard, supply.put), supply.gone)
        return changes_of_parts(making.standard, before, parts)
    whole = scanned(supply).collect()
    return changes_of_view(making.standard, before, taken(making.standard, whole))


def write_next(making: Making, before: Contents, changes: Changes) -> Written:
    """Write all content: spliced where little differs, else formatted again.

    Where fields have other titles, records stay what they were and are written in the new words.
    """
    merged = merge(making.standard, before, changes)
    if making.same_words and _worth_splicing(merged):
        return splice_next(making, merged)
    put = changes.put.drop("change")
    files = write_formats(making.folder, making.standard, making.fields, merged.slices(put))
    build_index(
        making.folder / INTERNAL / INDEX, making.standard, contents_of(making.folder).slices()
    )
    commitments = contents_of(making.folder).of(changes.put[RECORD_ID])
    named = changes.put.select(RECORD_ID, "change").join(
        commitments.select(RECORD_ID, COMMITMENT), on=RECORD_ID
    )
    return completed(making, named, changes.gone, files)


def _worth_splicing(merged: Merge) -> bool:
    differing = merged.changes.put.height + merged.changes.gone.height
    rows = merged.order.height
    return rows >= SPLICED_FROM and differing <= rows * SPLICED_SHARE


def splice_next(making: Making, merged: Merge) -> Written:
    """Write all content with the rows that stay copied from the release before."""
    changes = merged.changes
    prepared = prepare(making.fields, changes.put.drop("change"))
    assert making.current is not None  # noqa: S101 - there are rows before
    with ThreadPoolExecutor(_COPIES) as pool:
        copies = {
            one.NAME: pool.submit(_splice, making, merged, one, prepared)
            for one in sorted(ROW_FORMATS, key=partial(_size, making.current), reverse=True)
        }
        index = pool.submit(
            update_index, making.current.path / INTERNAL / INDEX,
            making.folder / INTERNAL / INDEX, making.standard, changes.put,
            changes.replaced.to_list(),
        )  # fmt: skip
        told = write_contents(making.folder, making.fields, merged.slices(prepared.rows))
        named = prepared.rows.select(RECORD_ID, COMMITMENT).with_columns(changes.put["change"])
        written = completed(making, named, changes.gone, told)
        index.result()
        files = {name: copy.result() for name, copy in copies.items()}
    return replace(written, files={**written.files, **files})


def _size(release: Release, form: RowFormat) -> int:
    """Bytes of a text file: the largest are begun first, so that none is left to the end alone."""
    return (release.path / form.NAME).stat().st_size


def _splice(making: Making, merged: Merge, form: RowFormat, prepared: Prepared) -> tuple[int, str]:
    """One text file of the release: its bytes and hex SHA-256."""
    assert making.current is not None  # noqa: S101 - there are rows before
    length = LENGTHS[form.NAME]
    head = form.head(making.standard, making.fields)
    rows = Rows(head, merged.before.read(length)[length], form.SEPARATOR, form.FOOT)
    texts = prepared.blocks[form.NAME].texts(form.SEPARATOR)
    former = making.current.path / form.NAME
    return splice(former, making.folder / form.NAME, rows, texts, merged.order)
