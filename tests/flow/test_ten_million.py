"""Ten million rows of CSV in less than 700 MB. Takes minutes: `make prove`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

ROWS, PART, MOST_MB = 10_000_000, 200_000, 700
HEADER = "名称,注册号,成立日期,资本,地址,经营范围\n"
FEED = """\
feed: many
title: {zh: 很多, en: Many}
standard: market_entity
source: {kind: file, path: many.csv}
format: {kind: csv, encoding: utf-8}
mode: snapshot
fields:
  subject_name: 名称
  reg_no: 注册号
  uscc_absent: {value: true}
  established_on: 成立日期
  registered_capital: {from: 资本, convert: amount_wan}
  domicile: 地址
  business_scope: 经营范围
"""


def write(path: Path) -> None:
    """1.6 GB of registrations, each with its own number of 14 digits."""
    with path.open("wb") as file:
        file.write(HEADER.encode())
        for start in range(0, ROWS, PART):
            n = pl.int_range(start, start + PART, eager=True)
            rows = pl.DataFrame({
                "a": "茂名市第" + n.cast(pl.String) + "贸易有限公司",
                "b": (10**13 + n).cast(pl.String),
                "c": ["2020-01-31"] * PART,
                "d": (n % 997 + 1).cast(pl.String) + "万人民币",
                "e": "广东省茂名市茂南区油城路" + (n % 5000).cast(pl.String) + "号",
                "f": ["销售：日用百货、五金交电、建筑材料。"] * PART,
            })  # fmt: skip
            file.write(rows.write_csv(include_header=False).encode())


@pytest.mark.slow
def test_ten_million_rows_in_bounded_memory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "many.csv")
    (tmp_path / "many.yml").write_text(FEED, encoding="utf-8")
    command = [sys.executable, "-m", "tests.bench.main_job", str(tmp_path / "many.yml")]
    done = subprocess.run(
        [*command, str(tmp_path / "site")], cwd=Path(__file__).parents[2],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    figures = json.loads(done.stdout)
    with capsys.disabled():
        print("\n" + json.dumps({"rows": ROWS, **figures}))
    assert figures["added"] == ROWS
    assert figures["peak_mb"] < MOST_MB
