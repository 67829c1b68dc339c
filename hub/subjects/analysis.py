"""The analysis `subjects`: one record for each subject, and the index of whose each record is."""

from __future__ import annotations

from collections.abc import Iterator

from hub.analysis.inputs import Inputs, Result
from hub.subjects import index as index_files
from hub.subjects.building import build, parties_told
from hub.subjects.growing import MANY, changes_of, grow
from hub.subjects.index import Index, last_erasure
from hub.subjects.records import DATASET


def compute(inputs: Inputs) -> Iterator[Result]:
    """market_subject. The index counts after its records are in the ledger: what is interrupted between is
    computed again."""
    known = index_files.read(inputs.site)
    changes = None if _stale(inputs, known) else changes_of(inputs, known)
    if changes is None or changes.places.len() > MANY:
        made, rows = build(inputs, known)
        yield Result(DATASET, rows)
    else:
        made, rows, gone = grow(inputs, known, changes)
        yield Result(DATASET, rows, gone)
    with inputs.engine.connect() as connection:
        made.keep(inputs.site, connection)


def _stale(inputs: Inputs, known: Index) -> bool:
    """Whether it is to be built anew: never built, content was erased, other fields name parties, never
    entered into this ledger, or ledgers that are shorter than they were."""
    with inputs.engine.connect() as connection:
        erasure = last_erasure(connection)
    seqs = inputs.seqs(known.seqs)
    return (
        not known.built
        or not inputs.known
        or known.erasure != erasure
        or known.parties != parties_told(inputs.catalogue)
        or any(seqs[name] < last for name, last in known.seqs.items())
    )
