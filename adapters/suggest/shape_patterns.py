"""The forms that values have, as patterns of a whole cell, half-width and trimmed."""

from __future__ import annotations

import re

_DATE = (
    r"(?:1[89]|2[0-9]|99)\d\d(?:-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2}"
    r"|年\d{1,2}月\d{1,2}日|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
)
_MIDNIGHT = r"(?:[T ]+0{1,2}:00(?::00)?(?:\.0+)?)?"
_CLOCK = r"[T ]+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?"
# 31/01/2020, 31 Jan 2020, January 31, 2020: no converter reads these
_FOREIGN = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}"
    r"|[A-Z][a-z]{2,8} \d{1,2}, \d{4})(?:[T ].*)?"
)
_YEAR = r"[\[(【〔﹝［](?:19|20)\d\d[\])】〕﹞］]"
_MONEY = "[万亿元圆整正人民币美港日欧英镑加澳大利亚拿新台韩瑞士法郎]{0,9}"

_AUTHORITIES = (
    "局", "厅", "委", "委员会", "部", "院", "政府", "海关", "大队", "支队", "总队", "中心", "所", "办公室",
    "管理处", "分局",
)  # fmt: skip
_ENGLISH_AUTHORITY = r"(?:.*\b)?(?:department|agency|bureau|office|council|authority|ministry)\b.*"
_COMPANIES = (
    "公司", "厂", "店", "行", "部", "中心", "合作社", "铺", "超市", "饭馆", "餐厅", "酒楼", "餐馆", "食堂",
    "学校", "医院", "事务所", "集团", "企业", "农场", "社", "城", "馆", "坊", "市场", "幼儿园", "个体户",
)  # fmt: skip
_ENGLISH_COMPANY = r"(?:.*\b)?(?:ltd|limited|inc|llc|co|corp|company|gmbh|plc|foods?|restaurant|cafe|store|farms?)\b.*"


def _ending(words: tuple[str, ...]) -> str:
    return rf".{{0,60}}(?:{'|'.join(words)})(?:[(（].*[)）])?"


_SOURCES = {
    "date": _DATE + _MIDNIGHT,
    "datetime": _DATE + _CLOCK,
    "foreign_date": _FOREIGN,
    "open": r"长期|永久|永续|无固定期限|长期有效|(?:2099|9999)\D?\d{1,2}\D?\d{1,2}\D?.*",
    "integer": r"-?\d{1,3}(?:,\d{3})+|-?(?:0|[1-9]\d{0,17})(?:\.0+)?",
    "number": r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?",
    "amount": rf"(?:人民币|[￥¥$])?[\d,.]+ ?{_MONEY}\(?{_MONEY}\)?",
    "reg_no": r"\d{13}|\d{14}|\d{15}",
    "uscc_form": r"[0-9A-HJ-NPQRTUWXYa-z]{18}",
    "org_code": r"[0-9A-Z]{8}-?[0-9X]",
    "doc_no": rf".*{_YEAR}.*\d.*|.{{2,}}(?:19|20)\d\d.*第?\d+号",
    "division": r"[1-8]\d{5}(?:\d{3}|\d{6})?(?:\.0)?",
    "phone": r"1[3-9]\d[\d*]{8}|0\d{2,3}-?\d{7,8}(?:-\d+)?|400-?\d{3}-?\d{4}",
    "url": r"(?:https?|ftp)://\S+|www\.\S+",
    "boolean": r"(?i:是|否|有|无|true|false|yes|no|y|n|t|f|0|1)",
    "province": r".{2,9}(?:省|自治区|特别行政区)|(?:北京|上海|天津|重庆)市?",
    "city": r".{1,12}(?:市|州|盟|地区)",
    "district": r".{0,20}[^市](?:区|县|旗|市)",
    "authority": rf"{_ending(_AUTHORITIES)}|(?i:{_ENGLISH_AUTHORITY})",
    "company": rf"{_ending(_COMPANIES)}|(?i:{_ENGLISH_COMPANY})",
    "person": r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff][*某xX]{1,2}[\u4e00-\u9fff]?|[\u4e00-\u9fff·]{3,15}",
}  # fmt: skip

#: Shape → its pattern, for `fullmatch`.
PATTERNS = {name: re.compile(source, re.DOTALL) for name, source in _SOURCES.items()}
