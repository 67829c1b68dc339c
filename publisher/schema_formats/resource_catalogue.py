"""The catalogue of government information resources: one row for each information item.

The columns are the core metadata of 政务信息资源目录编制指南（试行）, 发改高技〔2017〕1272号. A field
that fewer may see than the dataset is listed under the narrower share type.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import polars as pl
from xlsxwriter.workbook import Workbook

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.codes import load_codes
from exchange_schemas.standard import Field, Standard
from publisher.dictionary import mask_in_words
from publisher.formats.excel_csv import inert, text_kept
from publisher.meanings import titles
from publisher.schema_formats.length import length

COLUMNS = (
    "信息资源分类", "信息资源名称", "信息资源代码", "信息资源提供方", "提供方代码", "信息资源摘要",
    "信息资源格式", "信息项名称", "信息项标识", "数据类型", "长度", "共享类型", "共享条件", "共享方式",
    "是否向社会开放", "开放条件", "更新周期", "发布日期", "关联资源代码",
)  # fmt: skip

#: 字符型C 数值型N 整型I 日期型D 日期时间型T 逻辑型L 备注型M
TYPES = {
    "string": "C", "list": "C", "decimal": "N", "integer": "I", "date": "D", "datetime": "T",
    "boolean": "L",
}  # fmt: skip
REMARK = 1000  # characters from which on a text is a remark (M)
SHARE_DIGITS = {"unconditional": "1", "conditional": "2", "none": "3"}
TIER_DIGITS = {"public": "1", "industry": "2", "government": "2", "sealed": "3"}
MEMBERS = "限行业内经认证的会员"
NARROWER = {
    "industry": "限行业内经认证的会员和政府部门",
    "government": "仅供政府部门履行职责使用",
    "sealed": "仅供提供方内部使用",
}

Row = dict[str, str]


def rows(catalogue: Catalogue) -> list[Row]:
    """A row for every field of every dataset's newest version; columns are `COLUMNS`.

    Raises Misdeclared, as the catalogue does.
    """
    standards = {name: catalogue.get(name) for name in catalogue.datasets()}
    numbers = {name: one.resource_code for name, one in standards.items()}
    return [
        {**_resource(one, numbers), **_item(one, field)}
        for one in standards.values()
        for field in one.fields.values()
    ]


def _resource(one: Standard, numbers: dict[str, str]) -> Row:
    """What is the same for all items of a dataset."""
    provider = load_codes("departments").codes[one.department]
    kind = load_codes("resource_classes").codes.get(one.resource_code[:1])
    cycle = load_codes("update_cycles").codes.get(one.cycle)
    since = one.version_days.get(one.version, (None, None))[0]
    near = {told["dataset"] for told in one.checks if "dataset" in told}
    near |= {one.derivation.dataset} if one.derivation else set()
    return {
        "信息资源分类": kind.title if kind else "",
        "信息资源名称": one.title,
        "信息资源代码": one.resource_code,
        "信息资源提供方": provider.title,
        "提供方代码": provider.more.get("uscc", ""),
        "信息资源摘要": one.description,
        "信息资源格式": _formats(one),
        # A cycle without a digit of its own is told by its name.
        "更新周期": (cycle.more.get("official") or cycle.title) if cycle else one.cycle,
        "发布日期": since.isoformat() if since else "",
        "关联资源代码": "；".join(sorted(numbers[name] for name in near if numbers.get(name))),
    }


def _formats(one: Standard) -> str:
    """Whose records leave the hub, leave it through its interface; the public's also as files."""
    known = load_codes("resource_formats").codes
    used = [*(["2"] if one.public else []), "3" if one.share_type == "none" else "7"]
    return "；".join(known[digit].title for digit in used)


def _item(one: Standard, field: Field) -> Row:
    share = max(SHARE_DIGITS[one.share_type], TIER_DIGITS[field.tier])
    opened = one.public and field.tier in ("public", "industry")
    return {
        "信息项名称": field.title,
        "信息项标识": field.code or field.name,
        "数据类型": _type(field),
        "长度": length(field),
        "共享类型": share,
        "共享条件": _condition(one, field),
        "共享方式": "" if share == "3" else "共享平台方式（服务接口）",
        "是否向社会开放": "是" if opened else "否",
        "开放条件": _opening(one, field) if opened else "",
    }


def _type(field: Field) -> str:
    long = field.kind == "string" and int(field.schema.get("maxLength", 0)) >= REMARK
    return "M" if long else TYPES[field.kind]


def _condition(one: Standard, field: Field) -> str:
    """Who may get it; for what isn't shared, the legal basis too."""
    told = [one.share_condition.get("zh", ""), NARROWER.get(field.tier, "")]
    if "3" in (SHARE_DIGITS[one.share_type], TIER_DIGITS[field.tier]):
        told.append(f"依据：{'、'.join(one.legal_basis)}" if one.legal_basis else "")
    return "；".join(text.rstrip("。；") for text in told if text)


def _opening(one: Standard, field: Field) -> str:
    mask = mask_in_words(field, one.fields)
    only = [
        f"限{one.fields[name].title}为{'、'.join(_named(one.fields[name], values))}的记录"
        for name, values in one.public_when.items()
    ]
    told = [MEMBERS if field.tier == "industry" else "", f"脱敏：{mask}" if mask else "", *only]
    return "；".join(text for text in [*told, one.publication.get("zh", "")] if text)


def _named(field: Field, values: Iterable[str]) -> list[str]:
    told = titles(field)
    return [told.get(value, value) for value in values]


def write_csv(found: list[Row], path: Path) -> None:
    """With a BOM and CRLF, so that a spreadsheet reads it as it is; raises OSError."""
    frame = _frame(found).select(text_kept(inert(pl.all())))
    frame.write_csv(path, include_bom=True, line_terminator="\r\n")


def write_xlsx(found: list[Row], path: Path) -> None:
    """One sheet, all cells text; raises OSError."""
    with Workbook(str(path)) as book:
        sheet = book.add_worksheet("政务信息资源目录")
        head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#DCE6F1"})
        text = book.add_format({"num_format": "@", "valign": "top"})
        sheet.write_row(0, 0, COLUMNS, head)
        for line, row in enumerate(found, 1):
            for column, name in enumerate(COLUMNS):
                sheet.write_string(line, column, row[name], text)
        sheet.set_column(0, len(COLUMNS) - 1, 18)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(found), len(COLUMNS) - 1)


def write_json(found: list[Row], path: Path) -> None:
    """A list of objects with the columns as keys; raises OSError."""
    told = [{name: row[name] for name in COLUMNS} for row in found]
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _frame(found: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(found, schema=dict.fromkeys(COLUMNS, pl.String))


#: Suffix of a file → what writes it.
WRITERS = {".csv": write_csv, ".xlsx": write_xlsx, ".json": write_json}
