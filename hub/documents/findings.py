"""What is wrong with the documents' numbers, references and terms: one word of the code list
`document_findings` each, with the detail beside it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from hub.documents.terms import NAMED

BAD_FORM, TWICE, DOC_TWICE, GAP, DOC_GAP = (
    "编号格式",
    "编号重复",
    "文号重复",
    "编号缺号",
    "文号缺号",
)
DANGLING, CIRCLE, UNREVIEWED, TOO_LONG, DIFFERS = (
    "引用不存在", "循环引用", "程序欠缺", "有效期超限", "状态不符",
)  # fmt: skip


def with_findings(documents: pl.DataFrame) -> pl.DataFrame:
    """`documents` (with all columns of numbers, chains and terms) with `findings` and `details`, two lists
    of the same length, null where nothing is wrong."""
    rules = _rules()
    texts = [pl.when(holds).then(detail.fill_null("")) for holds, detail in rules.values()]
    kinds = [pl.when(holds).then(pl.lit(kind)) for kind, (holds, _detail) in rules.items()]
    return documents.with_columns(
        findings=_listed(kinds), details=_listed([text.cast(pl.String) for text in texts])
    )


def _rules() -> dict[str, tuple[pl.Expr, pl.Expr]]:
    col = pl.col
    too_long = (col("valid_basis") == NAMED) & (col("valid_until") > col("longest"))
    span = pl.format("{} > {}", col("valid_until"), col("longest"))
    return {
        BAD_FORM: (col("bad_form"), col("registration_no")),
        TWICE: (col("twice").is_not_null(), col("twice")),
        DOC_TWICE: (col("doc_twice").is_not_null(), col("doc_twice")),
        GAP: (col("gap").is_not_null(), col("gap")),
        DOC_GAP: (col("doc_gap").is_not_null(), col("doc_gap")),
        DANGLING: (col("dangling").is_not_null(), col("dangling")),
        CIRCLE: (col("circle").fill_null(value=False), col("circle_of")),
        UNREVIEWED: (col("lacking").is_not_null(), col("lacking")),
        TOO_LONG: (too_long.fill_null(value=False), span),
        DIFFERS: (
            col("status") != col("today"),
            pl.format("{} → {}", col("status"), col("today")),
        ),
    }


def _listed(parts: Sequence[pl.Expr]) -> pl.Expr:
    found = pl.concat_list(parts).list.drop_nulls()
    return pl.when(found.list.len() > 0).then(found)
