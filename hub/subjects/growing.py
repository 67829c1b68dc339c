"""The index brought up to date with what changed since: the same as building it anew, in seconds.

What a changed record may change: its own node; by its numbers, which credit code these lead to; by its names
and facts, what records without a code are matched with. Everything else stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from hub.analysis import columns
from hub.analysis.inputs import Inputs
from hub.subjects import decisions
from hub.subjects.building import datasets_of, with_subjects
from hub.subjects.gathering import nodes_of
from hub.subjects.index import COMPARED, INDEXED, Index
from hub.subjects.joining import joined
from hub.subjects.matching import blocks_of, compared_of, matched
from hub.subjects.nodes import codes_of, is_coded, is_lonely, with_nodes
from hub.subjects.parties import MENTION, mentions, place_of
from hub.subjects.records import rows_of

MANY = 50_000  # changed records from which on building anew is quicker


@dataclass(frozen=True, slots=True)
class Changes:
    """`fresh`: mentions of records that are new or others; `places` of these and of those that are gone."""

    seqs: dict[str, int]
    fresh: pl.DataFrame
    places: pl.Series


def changes_of(inputs: Inputs, index: Index) -> Changes:
    """What the ledgers said since the index was kept."""
    names = datasets_of(inputs.catalogue)
    seqs = inputs.seqs(names)
    fresh, places = [pl.DataFrame(schema=MENTION)], [pl.Series("place", [], pl.UInt64)]
    with inputs.engine.connect() as connection:
        for name in (n for n in names if seqs[n] > index.seqs.get(n, 0)):
            standard = inputs.catalogue.get(name)
            rows, gone = columns.changed(connection, standard, index.seqs.get(name, 0))
            fresh.append(mentions(standard, rows.lazy()).collect())
            keys = pl.concat([rows["_key"], gone]).to_frame("key")
            places.append(keys.select(place=place_of(pl.lit(name), pl.col("key")))["place"])
    return Changes(seqs, pl.concat(fresh), pl.concat(places).unique())


def grow(inputs: Inputs, index: Index, changes: Changes) -> tuple[Index, pl.DataFrame, pl.Series]:
    """(the next index, which counts after `keep`; records of market_subject that may be others; ids of
    subjects that are no more)."""
    with inputs.engine.connect() as connection:
        known = decisions.living(connection)
    moved = _moved(index, changes)
    nodes, touched = _nodes(index, moved)
    compared = compared_of(nodes)
    again, links = _links(index, compared, touched)
    made = index.grown(nodes=(nodes, touched), compared=(compared, touched), links=(links, again))
    together = joined(made.frame("links"), known)
    before = index.frame("joined")
    strangers = _differences(before, together)
    rows = _rewritten(index, moved, strangers, together)
    made = made.grown(mentions=(rows, pl.concat([moved.places, rows["place"]])))
    if strangers.len():
        made = made.based(joined=together)
    affected = _subjects(pl.concat([touched, strangers]).unique(), before, together)
    told = _records(made, together, affected)
    gone = affected.filter(~affected.is_in(told["subject_id"].implode()))
    return replace(made, seqs=changes.seqs), told, gone


@dataclass(frozen=True, slots=True)
class Moved:
    """Records whose mentions are others now: `rows` with nodes, all of their `places`, and the `nodes` that
    they had."""

    rows: pl.DataFrame
    places: pl.Series
    nodes: pl.Series


def _moved(index: Index, changes: Changes) -> Moved:
    """Changed records, and those whose numbers lead elsewhere because of them."""
    old = index.frame("mentions", _in("place", changes.places))
    said = pl.concat([changes.fresh, old.select(list(MENTION))])
    kin = _kin(index, said, changes.places)
    codes = codes_of(pl.concat([changes.fresh, kin.select(list(MENTION))]))
    led = with_nodes(kin.select(list(MENTION)), codes)
    elsewhere = led.filter(led["node"] != kin["node"])["place"].unique()
    theirs = index.frame("mentions", _in("place", elsewhere))
    # Another party of such a record may have numbers that `codes` don't know; it stays where it was.
    stays = theirs.join(led, on=["place", "part"], how="anti").select(led.columns)
    rows = pl.concat(
        [with_nodes(changes.fresh, codes), led.filter(_in("place", elsewhere)), stays]
    )
    places = pl.concat([changes.places, elsewhere]).unique()
    return Moved(rows, places, pl.concat([old["node"], theirs["node"]]).unique())


def _kin(index: Index, said: pl.DataFrame, places: pl.Series) -> pl.DataFrame:
    """Rows of the index, others than of `places`, that share a number with what is or was said; also, of
    those without a credit code, the rows that share one with them."""
    numbers = _numbers(said)
    while True:
        own = pl.col("uscc").str.slice(8, 9)
        shares = _in("reg_no", numbers[0]) | _in("org_code", numbers[1]) | own.is_in(numbers[1].implode())  # fmt: skip
        found = index.frame("mentions", shares.fill_null(False))
        found = found.filter(~_in("place", places))
        more = _numbers(pl.concat([said, found.filter(pl.col("uscc").is_null()).select(list(MENTION))]))  # fmt: skip
        if [one.len() for one in more] == [one.len() for one in numbers]:
            return found
        numbers = more


def _numbers(said: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Registration numbers and organisation codes, also those in credit codes."""
    codes = pl.concat([said["org_code"], said["uscc"].str.slice(8, 9)])
    return said["reg_no"].drop_nulls().unique(), codes.drop_nulls().unique()


def _nodes(index: Index, moved: Moved) -> tuple[pl.DataFrame, pl.Series]:
    """(the facts of all nodes that got or lost a mention, those nodes also where nothing is left)."""
    touched = pl.concat([moved.nodes, moved.rows["node"]]).unique()
    stay = index.frame("mentions", _in("node", touched)).filter(~_in("place", moved.places))
    columns_ = [name for name in INDEXED if name != "subject"]
    return nodes_of(pl.concat([stay.select(columns_), moved.rows.select(columns_)])), touched


def _links(
    index: Index, compared: pl.DataFrame, touched: pl.Series
) -> tuple[pl.Series, pl.DataFrame]:
    """(nodes without a code that are matched again, what they may be now)."""
    node = pl.col("node")
    before = index.frame("compared", _in("node", touched))
    near = pl.concat([before, compared]).filter(is_coded(node))
    others = index.frame("compared", is_lonely(node)).filter(~_in("node", touched))
    meant = blocks_of(others).join(
        blocks_of(near).select("block").unique(), on="block", how="semi"
    )
    lonely = pl.concat(
        [compared.filter(is_lonely(node)), others.filter(_in("node", meant["node"]))]
    )
    again = pl.concat([touched, lonely["node"]]).unique()
    return again, matched(lonely, _candidates(index, lonely, compared, touched))


def _candidates(
    index: Index, lonely: pl.DataFrame, compared: pl.DataFrame, touched: pl.Series
) -> pl.DataFrame:
    """Rows with a code that may share a block with one of `lonely`."""
    if lonely.is_empty():
        return pl.DataFrame(schema=COMPARED)
    node = pl.col("node")
    shares = [_in(name, lonely[name].drop_nulls().unique()) for name in ("core", "rep", "address", "head")]  # fmt: skip
    meant = is_coded(node) & pl.any_horizontal(one.fill_null(False) for one in shares)
    known = index.frame("compared", meant).filter(~_in("node", touched))
    return pl.concat([known, compared.filter(is_coded(node))])


def _differences(before: pl.DataFrame, now: pl.DataFrame) -> pl.Series:
    """The nodes that belong elsewhere than before."""
    both = before.join(now, on="node", how="full", suffix="_now", coalesce=True)
    return both.filter(pl.col("subject").ne_missing(pl.col("subject_now")))["node"]


def _rewritten(
    index: Index, moved: Moved, strangers: pl.Series, together: pl.DataFrame
) -> pl.DataFrame:
    """`INDEXED`: all rows of the records that moved, or one of whose nodes belongs elsewhere."""
    theirs = index.frame("mentions", _in("node", strangers)) if strangers.len() else None
    parts = [moved.rows]
    if theirs is not None:
        places = theirs["place"].unique()
        places = places.filter(~places.is_in(moved.places.implode()))
        parts.append(index.frame("mentions", _in("place", places)).select(moved.rows.columns))
    return with_subjects(pl.concat(parts), together).select(list(INDEXED))


def _subjects(nodes: pl.Series, before: pl.DataFrame, now: pl.DataFrame) -> pl.Series:
    """The subjects that these nodes belong or belonged to."""
    named = nodes.to_frame("node")
    found = [
        named.join(one, on="node", how="left").select(subject=pl.coalesce("subject", "node"))
        for one in (before, now)
    ]
    return pl.concat([one["subject"] for one in found]).unique()


def _records(index: Index, together: pl.DataFrame, subjects: pl.Series) -> pl.DataFrame:
    theirs = together.filter(_in("subject", subjects))
    own = subjects.filter(~subjects.is_in(together["node"].implode()))
    nodes = index.frame("nodes", _in("node", pl.concat([theirs["node"], own])))
    return rows_of(nodes, theirs)


def _in(column: str, values: pl.Series) -> pl.Expr:
    return pl.col(column).is_in(values.implode())
