"""dictionary.csv: what each column of a release means, for people.

With a BOM, because its readers open it in a spreadsheet; programs read datapackage.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from exchange_schemas.standard import Field, Mask
from publisher.formats.excel_csv import inert
from publisher.meanings import explained, titles

COLUMNS = (
    "字段", "中文名称", "英文名称", "类型", "格式", "公开等级", "脱敏", "必填", "代码表", "可取的值",
    "部门代码", "说明",
)  # fmt: skip
TIERS = {"public": "社会公开", "industry": "行业内", "government": "政府内部"}
KINDS = {
    "string": "文本",
    "integer": "整数",
    "boolean": "是或否",
    "decimal": "数值",
    "date": "日期",
    "datetime": "日期和时间",
    "list": "列表（表格版以“；”分隔，其他版本为 JSON 数组）",
}
MASKS = {
    "person_name": "只保留姓氏",
    "phone": "只保留前三位和后四位",
    "division_only": "只保留到县（市、区）",
    "account_tail": "只保留后四位",
    "free_text": "文中的身份证号、电话、银行卡号、车牌号、电子邮箱、住址略去",
}
REMOVED = "不公开"


def write(fields: Mapping[str, Field], path: Path) -> None:
    """Write one row per column, headed in Chinese; raises OSError."""
    rows = [described(field, fields) for field in fields.values()]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    frame.select(inert(pl.all())).write_csv(path, include_bom=True, line_terminator="\r\n")


def described(field: Field, fields: Mapping[str, Field]) -> tuple[str | None, ...]:
    """One column of a release in words, as `COLUMNS` ask for them."""
    return (
        field.name,
        field.title,
        field.title_en,
        KINDS[field.kind],
        field.schema.get("format"),
        TIERS[field.tier],
        mask_in_words(field, fields),
        "是" if field.required else None,
        field.codelist,
        explained(field) or None,
        field.code,
        field.note,
    )


def mask_in_words(field: Field, fields: Mapping[str, Field]) -> str | None:
    """What the public doesn't see of the value, and of whose."""
    told = [_mask(mask, fields) for mask in field.masks if "public" in mask.audiences]
    return "；否则".join(told) or None


def _mask(mask: Mask, fields: Mapping[str, Field]) -> str:
    shown = MASKS.get(mask.rule, REMOVED)
    conditions = [_condition(name, values, fields) for name, values in mask.when.items()]
    return f"{shown}（{'，'.join(conditions)}时）" if conditions else shown


def _condition(name: str, values: tuple[str, ...], fields: Mapping[str, Field]) -> str:
    if name not in fields:
        return f"{name}为{'、'.join(values)}"
    named = titles(fields[name])
    return f"{fields[name].title}为{'、'.join(named.get(value, value) for value in values)}"
