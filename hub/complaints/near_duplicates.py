"""Near-duplicate tickets: groups of texts that are nearly the same.

Texts are compared by their shingles, runs of `SHINGLE` characters of the text without blanks and signs.
MinHash signatures and locality-sensitive hashing (Broder 1997) find the pairs to look at; how alike a pair is
(Jaccard: shingles of both ÷ shingles of either) is then counted exactly. All of it in memory: what comes out
are numbers of tickets and similarities, nothing of the texts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

SHINGLE = 3  # characters
ALIKE = 0.5  # at least, to the representative of a group
PERMUTATIONS = 128
_BANDS = (
    32,
    4,
)  # a pair with similarity 0.5 is looked at with a probability of 1 − (1 − 0.5⁴)³² = 0.87
_BLOCK = 20_000  # pairs
_SEED = 1
_PAIRS = pl.Schema({"one": pl.UInt32, "other": pl.UInt32})


def groups(texts: pl.DataFrame, alike: float = ALIKE) -> pl.DataFrame:
    """The groups of `texts` (ticket_no, text): ticket_no, representative, group_no, similarity (Float64, to
    the representative). Tickets that are like no other are left out.

    Every ticket is at least `alike` to its representative, the ticket to which the others are most alike;
    group_no is the first ticket number of the group.
    """
    numbered = texts.sort("ticket_no").with_row_index("row")
    shingles = shingled(numbered)
    pairs = compared(shingles, candidates(shingles), alike)
    members = pl.concat([pl.DataFrame(schema=_MEMBERS), *_stars(pairs)])
    numbers = numbered.select("row", "ticket_no")
    found = members.join(numbers, on="row").join(
        numbers.rename({"row": "star", "ticket_no": "representative"}), on="star"
    )
    told = found.with_columns(pl.col("ticket_no").min().over("star").alias("group_no"))
    return told.select("ticket_no", "representative", "group_no", "similarity").sort(
        "group_no", "ticket_no"
    )


_MEMBERS = pl.Schema({"row": pl.UInt32, "star": pl.UInt32, "similarity": pl.Float64})


def shingled(numbered: pl.DataFrame) -> pl.DataFrame:
    """The different shingles of each text (row, text) as hashes: row, shingle (UInt64), in order of row.

    A text that is shorter than a shingle is one; an empty text has none.
    """
    plain = (
        pl.col("text")
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{N}]", "")
    )
    letters = (
        numbered.select("row", plain.alias("text"))
        .filter(pl.col("text") != "")
        .select("row", pl.col("text").str.split("").alias("letter"))
        .explode("letter")
    )
    runs = pl.concat_str(
        pl.col("letter"),
        *(pl.col("letter").shift(-n).over("row") for n in range(1, SHINGLE)),
        ignore_nulls=True,
    )
    place, long = pl.int_range(pl.len()).over("row"), pl.len().over("row")
    whole = (place + SHINGLE <= long) | (place == 0)
    return (
        letters.select("row", runs.alias("run"), whole.alias("whole"))
        .filter("whole")
        .select("row", pl.col("run").hash(_SEED).alias("shingle"))
        .unique()
        .sort("row", "shingle")
    )


def candidates(shingles: pl.DataFrame) -> pl.DataFrame:
    """Pairs of rows that are probably alike: one < other.

    Signatures are made one text at a time, which is how the library takes them.
    """
    from datasketch import MinHash, MinHashLSH  # slow to import: only where tickets are compared

    index = MinHashLSH(num_perm=PERMUTATIONS, params=_BANDS)
    rows: list[int] = []
    near: list[NDArray[np.uint32]] = []
    for row, hashes in _each(shingles):
        signature = MinHash(num_perm=PERMUTATIONS, seed=_SEED, hashfunc=int)
        signature.update_batch(hashes)
        rows.append(row)
        near.append(np.array(index.query(signature), dtype=np.uint32))
        index.insert(row, signature, check_duplication=False)
    counts = [len(one) for one in near]
    ones = np.concatenate([np.array([], dtype=np.uint32), *near])
    return pl.DataFrame({"one": ones, "other": np.repeat(rows, counts)}, schema=_PAIRS)


def _each(shingles: pl.DataFrame) -> Iterator[tuple[int, list[int]]]:
    low = pl.col("shingle") & 0xFFFFFFFF  # the library's own hashes have 32 bits
    grouped = shingles.with_columns(low).group_by("row", maintain_order=True).agg("shingle")
    yield from grouped.iter_rows()


def compared(shingles: pl.DataFrame, pairs: pl.DataFrame, alike: float) -> pl.DataFrame:
    """The pairs that are at least `alike`: one, other, similarity. `_BLOCK` pairs are in memory at one time."""
    from scipy.sparse import csr_array  # slow to import

    if pairs.is_empty():
        return pairs.with_columns(similarity=pl.lit(None, pl.Float64))
    places = shingles["row"].to_numpy(), shingles["shingle"].rank("dense").to_numpy() - 1
    marks = csr_array((np.ones(shingles.height, dtype=np.int32), places))
    sizes = marks.sum(axis=1)
    found = [pl.DataFrame(schema={**_PAIRS, "similarity": pl.Float64})]
    for part in pairs.iter_slices(_BLOCK):
        one, other = part["one"].to_numpy(), part["other"].to_numpy()
        both = marks[one].multiply(marks[other]).sum(axis=1)
        told = part.with_columns(similarity=pl.Series(both / (sizes[one] + sizes[other] - both)))
        found.append(told.filter(pl.col("similarity") >= alike))
    return pl.concat(found)


def _stars(pairs: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """`_MEMBERS` of groups: of each connected part the row with the most similarity, with all that are
    alike to it; then the same of what is left."""
    left = pairs
    while left.height:
        both = pl.concat(
            [
                left,
                left.select(
                    pl.col("other").alias("one"), pl.col("one").alias("other"), "similarity"
                ),
            ]
        )
        part = _parts(both)
        weight = both.group_by("one").agg(pl.col("similarity").sum()).join(part, on="one")
        stars = weight.sort(["similarity", "one"], descending=[True, False]).unique(
            "part", keep="first"
        )
        own = stars.select(
            pl.col("one").alias("row"),
            pl.col("one").alias("star"),
            pl.lit(1.0).alias("similarity"),
        )
        near = both.join(stars.select("one"), on="one", how="semi").select(
            pl.col("other").alias("row"), pl.col("one").alias("star"), "similarity"
        )
        members = pl.concat([own, near])
        yield members
        taken = members["row"].implode()
        left = left.filter(~pl.col("one").is_in(taken), ~pl.col("other").is_in(taken))


def _parts(both: pl.DataFrame) -> pl.DataFrame:
    """one, part: which rows are connected, at whatever distance."""
    from scipy.sparse import coo_array  # slow to import
    from scipy.sparse.csgraph import connected_components

    size = int(both["one"].max()) + 1  # type: ignore[arg-type]
    edges = (both["one"].to_numpy(), both["other"].to_numpy())
    graph = coo_array((np.ones(both.height, dtype=np.int8), edges), shape=(size, size))
    _, labels = connected_components(graph.tocsr(), directed=False)
    rows = both["one"].unique().sort()
    return pl.DataFrame({"one": rows, "part": labels[rows.to_numpy()]})
