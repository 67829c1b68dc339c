"""The analysis: classes and warnings, computed anew only where something can have changed.

That is: where records of a subject are new, others or gone; where a record begins or ends to count since the
last computed day; where a decision or a repair left a record out or let it count again; and everywhere when
another version of the indicators holds, or the index of subjects was built anew. Natural persons have no class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl
from sqlalchemy import Connection, func, select

from exchange_schemas.credit_rules import REGISTER, CreditRules
from hub.analysis.inputs import Inputs, Result
from hub.credit import kept_facts, results, warnings
from hub.credit.facts import FACTS, facts_of
from hub.credit.kept_facts import RECORD, KeptFacts, Mark
from hub.credit.lifted import lifted
from hub.credit.scoring import active, scored
from hub.credit.versions import in_force
from hub.exchange.tables import exchange_erased
from hub.subjects import index
from hub.subjects.linked import linked
from hub.subjects.nodes import PER

CLASS, WARNING = "credit_class", "credit_warning"
SUBJECTS = "market_subject"  # the subject file, by which records are somebody's


@dataclass(frozen=True, slots=True)
class Basis:
    """What a computing goes by: the rules that hold, what is left out, how far ledgers are, and which building
    of the index of subjects says whose records are."""

    rules: CreditRules
    left_out: pl.DataFrame
    seqs: Mapping[str, int]
    erasure: int
    subjects: str


def compute(inputs: Inputs) -> Iterator[Result]:
    """Classes, then warnings; then the facts are kept for the next time."""
    with inputs.engine.connect() as connection:
        basis = _basis(inputs, connection)
    kept = kept_facts.read(inputs.site)
    if kept is None or _must_be_whole(inputs, basis, kept):
        yield from _whole(inputs, basis)
    else:
        yield from _part(inputs, basis, kept)


def _basis(inputs: Inputs, connection: Connection) -> Basis:
    rules = in_force(connection, inputs.day)
    names = [*rules.datasets, *([SUBJECTS] if SUBJECTS in inputs.catalogue.datasets() else [])]
    erasure = connection.scalar(select(func.max(exchange_erased.c.erasure_id))) or 0
    building = index.read(inputs.site).building
    return Basis(rules, lifted(connection, rules), inputs.seqs(names), int(erasure), building)


def _must_be_whole(inputs: Inputs, basis: Basis, kept: KeptFacts) -> bool:
    mark = kept.mark
    behind = any(mark.seqs.get(name, 0) > seq for name, seq in basis.seqs.items())
    return (
        not inputs.known
        or mark.rules != basis.rules.digest
        or mark.erasure != basis.erasure
        or mark.subjects != basis.subjects
        or kept.day > inputs.day
        or behind  # the database is an older one
        or mark.results > inputs.seqs([CLASS])[CLASS]
        or mark.seqs.keys() != basis.seqs.keys()
    )


def _whole(inputs: Inputs, basis: Basis) -> Iterator[Result]:
    facts = all_facts(inputs, basis.rules)
    yield from _results(inputs, basis, facts.lazy(), None)
    kept_facts.keep_all(inputs.site, _mark(inputs, basis), facts, basis.left_out)
    for name in (CLASS, WARNING):
        inputs.scan(name)  # makes their copies now, so that the next day's computing is quick


def all_facts(inputs: Inputs, rules: CreditRules) -> pl.DataFrame:
    """The facts of all records that there are."""
    parts = [
        facts_of(rules, inputs.catalogue.get(name), inputs.scan(name), _links(inputs, name))
        for name in rules.datasets
    ]
    return pl.concat([pl.DataFrame(schema=FACTS), *(part.collect() for part in parts)])


def _links(inputs: Inputs, dataset: str) -> pl.LazyFrame:
    """Whose the records are, but for those of natural persons: each of these would be a subject of its own."""
    return linked(inputs, dataset).filter(~pl.col("subject").str.starts_with(PER))


def _part(inputs: Inputs, basis: Basis, kept: KeptFacts) -> Iterator[Result]:
    touched, fresh = _changes(inputs, basis, kept)
    before = kept.living()
    untouched = before.join(touched.lazy(), on=["dataset", "key"], how="anti")
    now = pl.concat([untouched, fresh.lazy()])
    affected = _affected(inputs, basis, kept, touched, fresh)
    if affected.height:
        mine = now.join(affected.lazy(), on="subject", how="semi")
        yield from _results(inputs, basis, mine, affected)
    mark = _mark(inputs, basis)
    kept_facts.keep_part(inputs.site, mark, kept, touched, fresh, basis.left_out)


def _changes(inputs: Inputs, basis: Basis, kept: KeptFacts) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(dataset and key of records that are new, others, gone, or somebody else's; the facts of them now)."""
    if basis.seqs.get(SUBJECTS) != kept.mark.seqs.get(SUBJECTS):
        return _relinked(inputs, basis, kept)
    since = replace(inputs, known=kept.mark.seqs)
    touched, fresh = [pl.DataFrame(schema=RECORD)], [pl.DataFrame(schema=FACTS)]
    for name in basis.rules.datasets:
        if basis.seqs[name] == kept.mark.seqs[name]:
            continue
        rows, gone = since.changed(name)
        keys = pl.concat([rows["_key"], gone.cast(pl.String)]).unique()
        touched.append(pl.DataFrame({"dataset": [name] * len(keys), "key": keys}, schema=RECORD))
        links = _links(inputs, name).join(keys.to_frame("_key").lazy(), on="_key", how="semi")
        standard = inputs.catalogue.get(name)
        fresh.append(facts_of(basis.rules, standard, rows.lazy(), links).collect())
    return pl.concat(touched), pl.concat(fresh)


def _relinked(inputs: Inputs, basis: Basis, kept: KeptFacts) -> tuple[pl.DataFrame, pl.DataFrame]:
    """As `_changes`, where the subject file changed: any record may be somebody else's now. What the register
    says of a name or a place is in no fact, so its changed records count as touched."""
    now, before = all_facts(inputs, basis.rules), kept.living().collect()
    names = list(FACTS)
    other = [
        one.join(another, on=names, how="anti", nulls_equal=True).select("dataset", "key")
        for one, another in ((now, before), (before, now))
    ]
    rows, gone = replace(inputs, known=kept.mark.seqs).changed(REGISTER)
    keys = pl.concat([rows["_key"], gone.cast(pl.String)])
    said = pl.DataFrame({"dataset": [REGISTER] * len(keys), "key": keys}, schema=RECORD)
    touched = pl.concat([*other, said]).unique()
    return touched, now.join(touched, on=["dataset", "key"], how="semi")


def _affected(
    inputs: Inputs, basis: Basis, kept: KeptFacts, touched: pl.DataFrame, fresh: pl.DataFrame
) -> pl.DataFrame:
    """The subjects (`subject`) whose result may be another than the last time."""
    before, day = kept.living(), pl.lit(inputs.day)
    last = pl.lit(kept.day)
    passed = [(pl.col(name) > last) & (pl.col(name) <= day) for name in ("begins", "ends")]
    out = pl.concat([_lifts_changed(basis, kept, last, day), touched]).unique().lazy()
    parts = [
        before.join(out, on=["dataset", "key"], how="semi").select("subject"),
        before.filter(pl.any_horizontal(passed)).select("subject"),
        fresh.lazy().select("subject"),
    ]
    return pl.concat(parts).unique().collect()


def _lifts_changed(basis: Basis, kept: KeptFacts, last: pl.Expr, day: pl.Expr) -> pl.DataFrame:
    """Records that are left out since, or no longer, or from a day on that has come."""
    old, new = kept.left_out(), basis.left_out
    names = list(new.columns)
    passed = [(pl.col(name) > last) & (pl.col(name) <= day) for name in ("begins", "ends")]
    parts = [
        new.join(old, on=names, how="anti", nulls_equal=True),
        old.join(new, on=names, how="anti", nulls_equal=True),
        new.filter(pl.any_horizontal(passed)),
    ]
    return pl.concat(parts).select("dataset", "key").unique()


def _results(
    inputs: Inputs, basis: Basis, facts: pl.LazyFrame, affected: pl.DataFrame | None
) -> Iterator[Result]:
    now = active(basis.rules, facts, basis.left_out, inputs.day).collect()
    found = scored(basis.rules, now.lazy()).collect()
    classes = results.classes(inputs, found, affected)
    yield classes
    yield warnings.warned(inputs, basis.rules, now, classes.rows, affected)


def _mark(inputs: Inputs, basis: Basis) -> Mark:
    reached = inputs.seqs([CLASS])[CLASS]
    return Mark(
        str(inputs.day),
        basis.rules.digest,
        dict(basis.seqs),
        reached,
        basis.erasure,
        basis.subjects,
    )
