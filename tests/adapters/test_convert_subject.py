"""Codes of subjects, and what they tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from adapters.convert_subject import subject_type

Convert = Callable[..., list[Any]]

ABSENT = "00000000000000000X"


def test_credit_codes_are_made_compact(convert: Convert) -> None:
    cells = [
        " 91440300 1922038216",
        "９１４４０３００７１５２６７２６ＸＧ",
        "9144-0300-7152-6726-xg",
        ABSENT,
        "",
    ]
    assert convert("uscc", cells) == [
        "914403001922038216", "9144030071526726XG", "9144030071526726XG", None, None,
    ]  # fmt: skip


def test_a_column_of_both_kinds_of_number_is_parted(convert: Convert) -> None:
    cells = ["914403001922038216", "440301103097413", "33021200019832", ABSENT, ""]
    assert convert("uscc", cells, mixed=True) == ["914403001922038216", None, None, None, None]
    assert convert("reg_no", cells, mixed=True) == [
        None,
        "440301103097413",
        "33021200019832",
        None,
        None,
    ]
    assert convert("uscc_absent", cells, mixed=True) == [None, True, True, True, None]
    assert convert("uscc", ["440301103097413"]) == ["440301103097413"]  # not ours to judge


def test_organisation_codes_lose_their_hyphen(convert: Convert) -> None:
    assert convert("org_code", ["67473724-4", "L07196379"]) == ["674737244", "L07196379"]


def test_kind_of_subject() -> None:
    frame = pl.DataFrame({
        "code": ["92440981MA00001B32", "91440902MA0000015X", "440301103097413", None, None],
        "type": ["N/A", "有限责任公司", "个体户", "个体工商户", None],
    })  # fmt: skip
    made = frame.select(subject_type([pl.col("code"), pl.col("type")], {}).value.alias("v"))["v"]
    individual, legal = "individual_business", "legal_or_unincorporated"
    assert made.to_list() == [individual, legal, individual, individual, None]
