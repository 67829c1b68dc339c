"""An address down to the county or district, for homes of natural persons."""

from __future__ import annotations

import polars as pl

# A division's name has none of the words of streets and villages in it, and no digits.
_NAME = r"[^省市县区旗路街巷道镇乡村组号楼栋室\dA-Za-z０-９Ａ-Ｚａ-ｚ\s]"
_PROVINCE = rf"(?:{_NAME}{{2,6}}(?:省|自治区|特别行政区))?"
_CITY = rf"(?:{_NAME}{{2,10}}(?:市|自治州|地区|盟))?"
_COUNTY = rf"(?:{_NAME}{{2,14}}(?:自治县|自治旗|族区)|{_NAME}{{1,4}}[县区市]|{_NAME}{{1,9}}旗)?"
_LEVELS = rf"^({_PROVINCE}{_CITY}{_COUNTY})"
# 小区, 开发区, 花园二区, 市场 and 红旗路 end like divisions and are none. Their last word is replaced by
# one that no division has, so the search stops before them.
_LOOKS_LIKE_ONE = (
    r"([小社园厂库校院景片街宅活业舍墅发A-Za-zＡ-Ｚ一二三四五六七八九十]|管理|作业|功能|服务|"
    r"[园苑院厂场层期店学][东西南北])区|市(?:场|政府|民|镇|村)|红旗|联盟"
)


def county_level(address: pl.Expr) -> pl.Expr:
    """广东省茂名市茂南区油城路1号 → 广东省茂名市茂南区; without a division it is removed."""
    plain = address.str.replace_all(r"[\s\u{3000}]+", "")
    found = plain.str.replace_all(_LOOKS_LIKE_ONE, "街").str.extract(_LEVELS)
    return pl.when(found != "").then(found)
