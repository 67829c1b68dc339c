"""A miniature standard and its public view: every kind of field, and values that are awkward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from exchange_schemas.standard import Field, Mask, Roles, Standard
from publisher.release import Release, build_release

PENALTY = "penalty_sample"


def field(name: str, title: str, kind: str = "string", **more: Any) -> Field:
    """A public, optional field; `more` overrides."""
    told: dict[str, Any] = {"tier": "public", "required": False, "expected": False, "schema": {}}
    return Field(name=name, title=title, title_en=name, kind=kind, **{**told, **more})


def standard(*fields: Field, dataset: str = PENALTY, **more: Any) -> Standard:
    """A standard with these fields, version 1; `more` overrides."""
    told: dict[str, Any] = {
        "version": "1", "title": "行政处罚样例", "title_en": "Sample penalties",
        "description": "试验用的小数据集", "description_en": "A small dataset", "department": "test",
        "owner": "市市场监督管理局", "owner_en": "Market regulation", "cycle": "daily",
        "share_type": "unconditional", "legal_basis": (), "public": True, "disclaimer": "仅供试验",
        "key": (("doc_no",),), "roles": Roles("subject_name", "uscc", "doc_no", "decided_on"),
        "schema": {}, "versions": ("1",),
    }  # fmt: skip
    return Standard(dataset=dataset, fields={f.name: f for f in fields}, **{**told, **more})


NATURAL = Mask("person_name", ("public", "industry"), {"subject_type": ("natural",)})

PENALTIES = standard(
    field("subject_name", "行政相对人名称", required=True, masks=(NATURAL,)),
    field("subject_type", "相对人类别", schema={"enum": ["legal", "natural"]}, required=True),
    field("uscc", "统一社会信用代码", schema={"format": "uscc"}),
    field("doc_no", "决定书文号", required=True),
    field("decided_on", "决定日期", "date", schema={"format": "date"}, required=True),
    field("facts", "违法事实", note="已脱敏"),
    field("kinds", "处罚类别", "list"),
    field("fine_wan", "罚款金额", "decimal", schema={"format": "decimal"}),
    field("appealed", "是否复议", "boolean"),
    field("copies", "份数", "integer"),
    field("cert_no", "证件号码", tier="government"),
    field("informer", "举报人", tier="sealed"),
)

ROWS: list[dict[str, Any]] = [
    {
        "record_id": "a1", "subject_name": "高州市鑫源食品有限公司", "subject_type": "legal",
        "uscc": "91440981MA00000A0G", "doc_no": "茂市监罚〔2023〕12号", "decided_on": "2023-05-06",
        "facts": "销售“三无”产品,金额1,000元\n当事人承认", "kinds": ["罚款", "没收违法所得"],
        "fine_wan": "0.500000", "appealed": False, "copies": 3,
    },
    {
        "record_id": "b2", "subject_name": "张某某", "subject_type": "natural", "uscc": None,
        "doc_no": "茂市监罚〔2024〕3号", "decided_on": "2024-01-02", "facts": "=1+1", "kinds": [],
        "fine_wan": "12.5", "appealed": None, "copies": None,
    },
    {
        "record_id": "c3", "subject_name": "广东电白二建集团有限公司", "subject_type": "legal",
        "uscc": "914409021949210181", "doc_no": "电市监处字(2024)第7号", "decided_on": "2024-01-02",
        "facts": '含"引号"和\\反斜杠；分号', "kinds": ['警告；"严重"', "罚款,并处"],
        "fine_wan": None, "appealed": True, "copies": 0,
    },
    {
        "record_id": "d4", "subject_name": "茂名市供销合作联社贸易公司", "subject_type": "legal",
        "uscc": "91440902194921018Q", "doc_no": "茂市监罚〔2022〕9号", "decided_on": "2022-11-30",
        "facts": "", "kinds": None, "fine_wan": "1234567.123456", "appealed": True, "copies": -1,
    },
]  # fmt: skip


def view(rows: list[dict[str, Any]] | None = None) -> pl.DataFrame:
    """The public view of the rows: record_id and the public fields."""
    fields = {n: f.dtype for n, f in PENALTIES.fields_for("public").items()}
    return pl.DataFrame(ROWS if rows is None else rows, schema={"record_id": pl.String, **fields})


def changed(**values: Any) -> list[dict[str, Any]]:
    """The rows with other values in the first one."""
    return [{**ROWS[0], **values}, *ROWS[1:]]


def released(root: Path, rows: list[dict[str, Any]] | None = None) -> Release:
    """A release of the rows under `root`."""
    return build_release(root, PENALTIES, view(rows))
