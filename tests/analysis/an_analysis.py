"""An analysis of a test: a typical case for every market entity whose name says so."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from hub.analysis.analyses import Analysis
from hub.analysis.inputs import Inputs, Result

MARKED = Analysis(
    "marked",
    "Analyses",
    ("market_entity",),
    ("consumer_warning",),
    "tests.analysis.an_analysis:compute",
)
PARTLY = Analysis(
    "partly",
    "Analyses",
    ("market_entity",),
    ("consumer_warning",),
    "tests.analysis.an_analysis:compute_partly",
)


def warnings(rows: pl.DataFrame) -> pl.DataFrame:
    """One warning for each row."""
    return rows.select(
        warning_id=pl.col("uscc"),
        issuer=pl.lit("茂名市消费者委员会"),
        kind=pl.lit("消费提示"),
        title=pl.col("subject_name"),
        body=pl.col("subject_name"),
        issued_on=pl.lit("2026-11-23"),
        food_content=pl.lit("不涉及食品安全"),
        authority_check=pl.lit("未核对"),
    )


def compute(inputs: Inputs) -> Iterator[Result]:
    """All of them, each time."""
    yield Result("consumer_warning", warnings(inputs.scan("market_entity").collect()))


def compute_partly(inputs: Inputs) -> Iterator[Result]:
    """Only what changed."""
    rows, gone = inputs.changed("market_entity")
    yield Result("consumer_warning", warnings(rows), gone)


def fail(inputs: Inputs) -> Iterator[Result]:
    """As where a file of rules can't be read."""
    yield Result("typical_case", inputs.scan("market_entity").head(0).select("uscc").collect())
    raise RuntimeError("a file of rules")
