"""The analysis `documents`: which normative documents are in force today, computed anew every day.

A document whose term is over lapses on the day after without anybody's doing (国办发〔2018〕37号); what took
its place is followed to the document in force today. Only documents that went through consultation, legality
review and collective decision may be published (「未经公开征求意见、合法性审查、集体讨论的,不得发布施行」), and
only such ones take another's place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from exchange_schemas.dated_rules import rule_on
from exchange_schemas.document_rules import DocumentRule, load_document_rules
from hub.analysis.inputs import Inputs, Result
from hub.documents.chains import chains, edges, references
from hub.documents.findings import with_findings
from hub.documents.numbers import with_numbers
from hub.documents.terms import AMENDED, DAYS, IN_FORCE, with_state, with_terms

READS, WRITES = "normative_document", "document_validity"
COMPLETE, LACKING = "齐备", "欠缺"
FIELDS = (
    "registration_no", "doc_no", "title", "issuers", "level", "issued_on", "effective_on",
    "expires_on", "long_term", "trial", "status", "repealed_by", "repealed_on", "replaces",
    "consultation", "legality_review", "collective_decision",
)  # fmt: skip
#: What the standard asks before a document may be published (its `public_when`).
STEPS = {
    "consultation": ("已公开征求意见", "依法不公开征求意见"),
    "legality_review": ("通过",),
    "collective_decision": ("通过",),
}


def compute(inputs: Inputs) -> Iterator[Result]:
    """All documents, each with its state on the day."""
    rules = load_document_rules(inputs.site.law)
    documents = inputs.frame(READS, *FIELDS)
    yield Result(WRITES, validity(documents, rules, inputs.day))


def validity(documents: pl.DataFrame, rules: Sequence[DocumentRule], day: date) -> pl.DataFrame:
    """Records of `document_validity` of `documents` (FIELDS and `_key`) on a day."""
    rows = documents.with_columns(pl.col(name).str.to_date(strict=False) for name in DAYS)
    rows = _with_procedure(rows)
    told = references(rows)
    rows = _with_replacement(rows, told)
    rows = with_state(with_terms(rows, rules), day)
    rule = rule_on(rules, day)
    rows = _with_current(_numbered(rows, rule))
    return _as_records(with_findings(rows))


def _with_procedure(rows: pl.DataFrame) -> pl.DataFrame:
    """`lacking`: the titles of the steps that weren't made, or null; `procedure`."""
    titles = {
        "consultation": "公开征求意见",
        "legality_review": "合法性审查",
        "collective_decision": "集体讨论",
    }
    missing = [
        pl.when(~pl.col(name).is_in(list(values)).fill_null(value=False)).then(
            pl.lit(titles[name])
        )
        for name, values in STEPS.items()
    ]
    lacking = pl.concat_str(missing, separator="、", ignore_nulls=True)
    return rows.with_columns(lacking=pl.when(lacking != "").then(lacking)).with_columns(
        procedure=pl.when(pl.col("lacking").is_null())
        .then(pl.lit(COMPLETE))
        .otherwise(pl.lit(LACKING))
    )


def _with_replacement(rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """`chain`, `circle`, `circle_of`, `replaced_by`, `replaced_on`, `dangling`."""
    whole = rows.filter(pl.col("procedure") == COMPLETE)["registration_no"]
    successors = edges(rows, told, whole)
    ways = chains(successors).with_columns(circle_of=pl.col("chain").list.join(" → "))
    first = successors.select(registration_no="old", _new="new", _on="on")
    dangling = (
        told.filter(pl.col("found").is_null())
        .group_by(registration_no="at", maintain_order=True)
        .agg(dangling=pl.col("text").str.join("；"))
    )
    found = (
        rows.join(ways.rename({"start": "registration_no"}), on="registration_no", how="left")
        .join(first, on="registration_no", how="left")
        .join(dangling, on="registration_no", how="left")
    )
    sound = ~pl.col("circle").fill_null(value=False)
    return found.with_columns(
        chain=pl.when(sound).then("chain"),
        replaced_by=pl.when(sound).then("_new"),
        replaced_on=pl.when(sound).then("_on"),
    ).drop("_new", "_on")


def _numbered(rows: pl.DataFrame, rule: DocumentRule | None) -> pl.DataFrame:
    if rule is not None:
        return with_numbers(rows, rule)
    names = ("twice", "doc_twice", "gap", "doc_gap")
    nothing = [pl.lit(None, pl.String).alias(name) for name in names]
    return rows.with_columns(pl.lit(value=False).alias("bad_form"), *nothing)


def _with_current(rows: pl.DataFrame) -> pl.DataFrame:
    """`current`: the document itself, or the last one of its chain that is in force today."""
    valid = [IN_FORCE, AMENDED]
    living = rows.filter(pl.col("today").is_in(valid)).select(_later="registration_no")
    steps = rows.select("registration_no", _later="chain").explode("_later").drop_nulls()
    last = (
        steps.join(living, on="_later", how="semi", maintain_order="left")
        .group_by("registration_no", maintain_order=True)
        .agg(pl.col("_later").last())
    )
    found = rows.join(last, on="registration_no", how="left", maintain_order="left")
    current = pl.when(pl.col("today").is_in(valid)).then("registration_no").otherwise("_later")
    return found.with_columns(current=current).drop("_later")


def _as_records(rows: pl.DataFrame) -> pl.DataFrame:
    texts = [pl.col(name).dt.strftime("%Y-%m-%d") for name in ("issued_on", "effective_on")]
    return rows.select(
        "registration_no", "doc_no", "title", "issuers", "level", *texts,
        pl.col("valid_until").dt.strftime("%Y-%m-%d"), "valid_basis",
        pl.col("today").alias("status"), pl.col("since").dt.strftime("%Y-%m-%d"),
        "replaced_by", "chain", pl.col("current").alias("in_force"),
        pl.col("repealed_by").alias("ended_by"), "procedure",
        pl.col("status").alias("declared_status"), "findings", "details",
        sources=pl.concat_list(pl.lit(READS + ":") + pl.col("_key")),
    )  # fmt: skip
