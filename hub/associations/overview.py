"""The analysis `associations`: each association with its grade of today and the numbers of its credit records.

Numbers only: of a member's bad record the public learns nothing, unless it is a serious entry of the
association's blacklist, which is public itself (「情节严重的列入黑名单，并向社会公布」). A grade counts until its
last day (社会组织评估管理办法，民政部令第39号).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from hub.analysis.inputs import Inputs, Result

ASSOCIATION, CREDIT, BLACKLIST = (
    "industry_association",
    "member_credit_record",
    "industry_blacklist",
)
WRITES = "association_overview"
NO_GRADE, SERIOUS = "无", "严重"
BAD = ("失信", "惩戒")  # of the code list member_record_kinds
#: The six mechanisms of the city's plan (「90%以上的行业组织建立起六个机制」), each with its title.
MECHANISMS = {
    "has_operating_rules": "规范运作",
    "has_integrity_rules": "诚信执业",
    "has_disclosure_rules": "信息公开",
    "has_competition_rules": "公平竞争",
    "has_sanction_rules": "奖励惩戒",
    "has_discipline_rules": "自律保障",
}
SAME = (
    "uscc", "name", "industry", "level", "registration_authority", "established_on", "division_code",
    "status",
    "decoupled", "decoupled_on", "has_website", "website", "has_blacklist_system", "has_rules",
)  # fmt: skip
OF_ASSOCIATION = (*SAME, "assessment_grade", "assessment_valid_to", *MECHANISMS)
OF_RECORD = ("org_uscc", "member_uscc", "kind", "valid_to", "share_to_gov")
OF_ENTRY = ("org_uscc", "level", "removed_on", "public_until")


def compute(inputs: Inputs) -> Iterator[Result]:
    """All associations, each with its numbers on the day."""
    associations = inputs.frame(ASSOCIATION, *OF_ASSOCIATION)
    records = inputs.frame(CREDIT, *OF_RECORD)
    entries = inputs.frame(BLACKLIST, *OF_ENTRY)
    yield Result(WRITES, overview(associations, records, entries, inputs.day))


def overview(
    associations: pl.DataFrame, records: pl.DataFrame, entries: pl.DataFrame, day: date
) -> pl.DataFrame:
    """Records of `association_overview`, from frames of OF_ASSOCIATION, OF_RECORD and OF_ENTRY with `_key`."""
    has = [pl.col(name).fill_null(value=False) for name in MECHANISMS]
    lacking = [
        pl.when(~one).then(pl.lit(title))
        for one, title in zip(has, MECHANISMS.values(), strict=True)
    ]
    missing = pl.concat_list(lacking).list.drop_nulls()
    graded = associations.with_columns(
        grade=_grade(day),
        declared_grade="assessment_grade",
        grade_valid_to="assessment_valid_to",
        mechanisms=pl.sum_horizontal(one.cast(pl.Int64) for one in has),
        mechanisms_missing=pl.when(missing.list.len() > 0).then(missing),
        sources=pl.concat_list(pl.lit(f"{ASSOCIATION}:") + pl.col("_key")),
    )
    found = graded.join(_credit(records, day), on="uscc", how="left").join(
        _blacklist(entries, day), on="uscc", how="left"
    )
    numbers = pl.col(
        "credited_members", "blacklisted_members", "bad_records", "shared_records", "unshared_bad",
        "general_entries",
    )  # fmt: skip
    sources = pl.concat_list("sources", *(_some(name) for name in ("_records", "_entries")))
    return found.with_columns(numbers.fill_null(0)).with_columns(sources=sources)


def _some(name: str) -> pl.Expr:
    return pl.col(name).fill_null(pl.lit([], pl.List(pl.String)))


def _grade(day: date) -> pl.Expr:
    """The grade on the day: none where its term is over or none is told."""
    valid = pl.col("assessment_valid_to") >= pl.lit(str(day))
    grade = pl.when(valid).then("assessment_grade").otherwise(pl.lit(NO_GRADE))
    return grade.fill_null(NO_GRADE)


def _credit(records: pl.DataFrame, day: date) -> pl.DataFrame:
    """Numbers of the records in force. What is passed on to the government is what it counts in its own
    credit system (「对会员的不良记录纳入信用管理」); a bad record that isn't passed on is counted apart."""
    now = records.filter(pl.col("valid_to").is_null() | (pl.col("valid_to") >= str(day)))
    bad = pl.col("kind").is_in(BAD)
    shared = pl.col("share_to_gov").fill_null(value=False)
    keys = pl.lit(f"{CREDIT}:") + pl.col("_key")
    return now.group_by(uscc="org_uscc").agg(
        credited_members=pl.col("member_uscc").n_unique().cast(pl.Int64),
        bad_records=bad.sum().cast(pl.Int64),
        shared_records=shared.sum().cast(pl.Int64),
        unshared_bad=(bad & ~shared).sum().cast(pl.Int64),
        _records=keys.sort(),
    )


def _blacklist(entries: pl.DataFrame, day: date) -> pl.DataFrame:
    """Numbers of the entries in force: not removed, and within their term of publication."""
    now = str(day)
    listed = entries.filter(
        pl.col("removed_on").is_null() | (pl.col("removed_on") > now),
        pl.col("public_until").is_null() | (pl.col("public_until") >= now),
    )
    serious = pl.col("level") == SERIOUS
    return listed.group_by(uscc="org_uscc").agg(
        blacklisted_members=serious.sum().cast(pl.Int64),
        general_entries=(~serious).sum().cast(pl.Int64),
        _entries=(pl.lit(f"{BLACKLIST}:") + pl.col("_key")).sort(),
    )
