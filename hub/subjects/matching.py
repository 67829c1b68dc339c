"""Records without a code against subjects with one: which are the same, how surely, and why (Splink on DuckDB).

Fellegi and Sunter's model: each comparison adds the logarithm of how much more often it turns out so among
true pairs than among others. The parameters are those of `hub.subjects.parameters`.
"""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from hub.subjects import names
from hub.subjects.nodes import PER, variants
from hub.subjects.parameters import (
    AUTOMATIC,
    CANDIDATES,
    DOUBTFUL,
    LEVELS,
    MARGIN,
    NEEDS,
    PRIOR,
    Level,
)

#: What is compared: node, name (as written), rep (legal representative), division, address.
FACTS = ("node", "name", "rep", "division", "address")
LINKS: dict[str, pl.DataType | type[pl.DataType]] = {
    "lonely": pl.String, "coded": pl.String, "score": pl.Float64, "weight": pl.Float64,
    "reasons": pl.List(pl.String), "automatic": pl.Boolean,
}  # fmt: skip
#: Pairs that share one of these are compared, and no others.
BLOCKS = (("core",), ("rep", "county"), ("address",), ("head", "county"))
_HEAD = 3  # characters of the core


def prepared(rows: pl.DataFrame) -> pl.DataFrame:
    """`FACTS`, one row for each name of a node, as they are compared: node, norm, core, head, whole, branch,
    rep, county, city, address. What may be a person's name is left out."""
    norm = pl.col("norm")
    found = rows.filter(~names.is_like_a_person(pl.col("name")))
    found = found.with_columns(names.plain(pl.col("name")).alias("norm"))
    found = found.with_columns(names.core(norm).alias("core"))
    return found.select(
        "node", "norm", "core",
        pl.col("core").str.slice(0, _HEAD).alias("head"),
        names.is_whole(norm).alias("whole"),
        names.is_branch(norm).alias("branch"),
        names.plain(pl.col("rep")).alias("rep"),
        names.county(pl.col("division")).alias("county"),
        pl.col("division").str.slice(0, 4).alias("city"),
        names.place(pl.col("address")).alias("address"),
    )  # fmt: skip


def compared_of(nodes: pl.DataFrame) -> pl.DataFrame:
    """What is compared of `NODES`: nothing of natural persons."""
    return prepared(variants(nodes.filter(~pl.col("node").str.starts_with(PER))))


def blocks_of(rows: pl.DataFrame) -> pl.DataFrame:
    """node and block (String) of `prepared` rows: two nodes may be a pair where they share one."""
    parts = [
        rows.select("node", pl.concat_str([pl.lit(str(place)), *block], separator="\u001f").alias("block"))
        for place, block in enumerate(BLOCKS)
    ]  # fmt: skip
    return pl.concat(parts).drop_nulls().unique()


def matched(lonely: pl.DataFrame, coded: pl.DataFrame) -> pl.DataFrame:
    """`LINKS` of `prepared` rows: for each lonely node what it may be, the most probable first.

    `automatic` where the probability suffices and no second subject comes near; the others wait for a
    person. At most `CANDIDATES` of one node, none below `DOUBTFUL`.
    """
    if lonely.is_empty() or coded.is_empty():
        return pl.DataFrame(schema=LINKS)
    scored = _scored(lonely, coded)
    best = scored.sort("lonely", "weight", "coded", descending=[False, True, False]).unique(
        ["lonely", "coded"], keep="first", maintain_order=True
    )
    place = pl.int_range(pl.len()).over("lonely")
    ahead = pl.col("weight") - pl.col("weight").shift(-1).over("lonely")
    automatic = (place == 0) & (pl.col("score") >= AUTOMATIC) & (ahead.fill_null(MARGIN) >= MARGIN)
    ranked = best.with_columns(automatic.alias("automatic"))
    within = place < CANDIDATES
    chosen = ranked.filter(within & (pl.col("score") >= DOUBTFUL))
    return chosen.select(list(LINKS)).sort(
        "lonely", "weight", "coded", descending=[False, True, False]
    )


def _scored(lonely: pl.DataFrame, coded: pl.DataFrame) -> pl.DataFrame:
    """lonely, coded, score, weight, reasons of all pairs that share a block."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET enable_progress_bar = false")
        api = DuckDBAPI(connection)
        tables = [
            api.register(_numbered(one).to_arrow(), dataset_display_name=name)
            for name, one in (("a_lonely", lonely), ("b_coded", coded))
        ]
        linker = Linker(tables, _settings(), log_level=None, validate_settings=False)
        told = linker.inference.predict(threshold_match_probability=DOUBTFUL, warning_mode="never")
        gammas = [f"gamma_{name}" for name in LEVELS]
        named = (
            "node_l AS lonely",
            "node_r AS coded",
            "match_probability AS score",
            "match_weight AS weight",
        )
        table = connection.table(told.physical_name).select(", ".join([*named, *gammas]))
        arrow = table.to_arrow_table()
    found = pl.DataFrame(pl.from_arrow(arrow))
    return found.with_columns(_reasons().alias("reasons"))


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """A node with several names has several rows, so rows have an id of their own."""
    return rows.with_row_index("unique_id").with_columns(pl.col("unique_id").cast(pl.Int64))


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(name, levels) for name, levels in LEVELS.items()],
        blocking_rules_to_generate_predictions=[block_on(*block) for block in BLOCKS],
        probability_two_random_records_match=PRIOR,
        retain_matching_columns=True,
        additional_columns_to_retain=["node"],
    )


def _comparison(name: str, levels: tuple[Level, ...]) -> dict[str, Any]:
    needed = NEEDS[name]
    empty = {
        "sql_condition": f"{needed}_l IS NULL OR {needed}_r IS NULL",
        "label_for_charts": "empty",
        "is_null_level": True,
    }
    told = [
        {
            "sql_condition": one.sql or "ELSE", "label_for_charts": one.name,
            "m_probability": one.m, "u_probability": one.u,
            "fix_m_probability": True, "fix_u_probability": True,
        }
        for one in levels
    ]  # fmt: skip
    return {"output_column_name": name, "comparison_levels": [empty, *told]}


def _reasons() -> pl.Expr:
    """["name=whole", "division=county"]: each comparison with its level, from Splink's vector."""
    parts = []
    for name, levels in LEVELS.items():
        # Splink counts levels from the last one, 0, upwards; -1 is the empty one.
        words = {place: f"{name}={one.name}" for place, one in enumerate(reversed(levels))}
        words[-1] = f"{name}=empty"
        parts.append(
            pl.col(f"gamma_{name}").cast(pl.Int64).replace_strict(words, return_dtype=pl.String)
        )
    return pl.concat_list(parts)
