"""Whether a column's values suit a field: from -1 (they can't be it) to 1, and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from adapters.suggest.reason import Reason
from adapters.suggest.shapes import Profile
from exchange_schemas.codes import load_codes
from exchange_schemas.standard import Field

Fit = tuple[float, Reason]

NOTHING: Fit = (0.0, Reason("", ""))

_PLACES = {"所在省份": "province", "所在城市": "city", "所在区县": "district"}


def fit(field: Field, profile: Profile) -> Fit:
    """The verdict of the values; 0 where they say nothing, as where the column is empty."""
    if not profile.cells:
        return NOTHING
    if field.kind != "string":
        return _KINDS[field.kind](field, profile)
    form = str(field.schema.get("format"))
    if form in _FORMATS:
        return _FORMATS[form](profile)
    if codes_of(field):
        return _coded(field, profile)
    return _text(field, profile)


@lru_cache(maxsize=1024)
def _listed(codelist: str | None, values: tuple[str, ...], pattern: str) -> dict[str, str]:
    found = {value: value for value in values}
    for code in load_codes(codelist).codes.values() if codelist is not None else ():
        if (not values or code.code in values) and re.search(pattern, code.code):
            found[code.code] = code.code
            found.setdefault(code.title, code.code)
            found.setdefault(code.title_en, code.code)
    return found


def codes_of(field: Field) -> dict[str, str]:
    """What a cell of the field may say → the code that it stands for; empty where it isn't coded."""
    told = field.schema.get("items", {}) if field.kind == "list" else field.schema
    values = tuple(one for one in told.get("enum", ()) if isinstance(one, str))
    if not field.codelist and not values:
        return {}
    return _listed(field.codelist, values, str(told.get("pattern", "")))


def _yes(score: float, zh: str, en: str) -> Fit:
    return score, Reason(zh, en)


def _date(field: Field, profile: Profile) -> Fit:
    share = profile.share("date") + profile.share("open")
    if field.kind == "datetime":
        share = max(share, profile.share("datetime"))
    if share >= 0.7:
        return _yes(0.7, "值都是日期", "its values are dates")
    if profile.share("foreign_date") + profile.share("datetime") >= 0.7:
        return _yes(0.5, "值是日期，但写法须转换", "its values are dates in another notation")
    if share >= 0.3:
        return NOTHING
    return _yes(-1.0, "值不是日期", "its values aren't dates")


def _number(_field: Field, profile: Profile) -> Fit:
    plain, amount = profile.share("number"), profile.share("amount")
    if max(plain, amount) >= 0.7:
        return _yes(0.5, "值都是数", "its values are numbers")
    if max(plain, amount) >= 0.4:
        return NOTHING
    return _yes(-1.0, "值不是数", "its values aren't numbers")


def _integer(_field: Field, profile: Profile) -> Fit:
    if profile.share("integer") >= 0.8:
        return _yes(0.4, "值都是整数", "its values are whole numbers")
    return _yes(-1.0, "值不是整数", "its values aren't whole numbers")


def _boolean(_field: Field, profile: Profile) -> Fit:
    if profile.share("boolean") >= 0.95:
        return _yes(0.5, "值都是“是/否”", "its values are yes or no")
    return _yes(-1.0, "值不是“是/否”", "its values aren't yes or no")


def _list(field: Field, profile: Profile) -> Fit:
    return _coded(field, profile) if codes_of(field) else NOTHING


_KINDS: dict[str, Callable[[Field, Profile], Fit]] = {
    "date": _date,
    "datetime": _date,
    "decimal": _number,
    "integer": _integer,
    "boolean": _boolean,
    "list": _list,
}


def _uscc(profile: Profile) -> Fit:
    if profile.uscc >= 0.4:
        return _yes(
            1.0, "值是校验位正确的信用代码", "its values are credit codes with right check digits"
        )
    if profile.share("uscc_form") >= 0.3:
        return _yes(0.6, "值有信用代码的形式", "its values have the form of credit codes")
    return _yes(-1.0, "值不是信用代码", "its values aren't credit codes")


def _reg_no(profile: Profile) -> Fit:
    if profile.share("reg_no") >= 0.5:
        return _yes(0.9, "值是注册号", "its values are registration numbers")
    return _yes(-0.6, "值不像注册号", "its values don't look like registration numbers")


def _org_code(profile: Profile) -> Fit:
    if profile.share("org_code") >= 0.5:
        return _yes(0.8, "值是组织机构代码", "its values are organisation codes")
    return _yes(-0.8, "值不是组织机构代码", "its values aren't organisation codes")


def _doc_no(profile: Profile) -> Fit:
    if profile.share("doc_no") >= 0.4:
        return _yes(0.9, "值是文号", "its values are document numbers")
    return _yes(-0.2, "值不像文号", "its values don't look like document numbers")


def _division(profile: Profile) -> Fit:
    if profile.division >= 0.6:
        return _yes(0.9, "值是行政区划代码", "its values are division codes")
    return _yes(-0.9, "值不是行政区划代码", "its values aren't division codes")


_FORMATS: dict[str, Callable[[Profile], Fit]] = {
    "uscc": _uscc,
    "reg-no": _reg_no,
    "org-code": _org_code,
    "doc-no": _doc_no,
    "division-code": _division,
}


def _coded(field: Field, profile: Profile) -> Fit:
    told = codes_of(field)
    share = profile.member(told)
    if share < 0.5:  # 5245.0 is what Excel makes of a code
        cells = [cell.removesuffix(".0") for cell in profile.counts]
        share = max(share, sum(cell in told for cell in cells) / len(cells))
    if share >= 0.6:
        return _yes(0.8, "值都在代码表内", "its values are in the code list")
    if share >= 0.2:
        return _yes(0.2, "部分值在代码表内", "some of its values are in the code list")
    if field.kind == "list":
        return NOTHING  # several kinds in one cell
    return _yes(-0.35, "值不在代码表内，需对照表", "its values aren't in the code list")


def _text(field: Field, profile: Profile) -> Fit:
    for judge in (_impossible, _named, _sized):
        found = judge(field, profile)
        if found is not None:
            return found
    return NOTHING


def _impossible(field: Field, profile: Profile) -> Fit | None:
    longest = int(field.schema.get("maxLength", 100_000))
    long = sum(n for cell, n in profile.counts.items() if len(cell) > longest) / len(profile.cells)
    if long > 0.2:
        return _yes(-0.8, "值太长", "its values are too long")
    title = field.title
    if profile.share("date") >= 0.8 and not re.search("日期|时间|批|期|起|止", title):
        return _yes(-0.8, "值是日期", "its values are dates")
    if profile.uscc >= 0.5 and "码" not in title:
        return _yes(-0.8, "值是信用代码", "its values are credit codes")
    if _PLACES.get(title) is None and profile.division >= 0.8 and "代码" not in title:
        return _yes(-0.6, "值是行政区划代码", "its values are division codes")
    return None


def _named(field: Field, profile: Profile) -> Fit | None:
    """What the field's title says of its values."""
    title = field.title
    if title in _PLACES:
        return _place(_PLACES[title], profile)
    for pattern, judge in _TITLES:
        if pattern.search(title):
            return judge(profile)
    return None


def _place(shape: str, profile: Profile) -> Fit:
    if profile.share(shape) >= 0.6:
        return _yes(0.6, "值是地名", "its values are such places")
    return _yes(-0.7, "值太长", "its values are too long") if profile.length > 12 else NOTHING


def _url(profile: Profile) -> Fit:
    if profile.share("url") >= 0.5:
        return _yes(0.8, "值是网址", "its values are web addresses")
    return _yes(-0.9, "值不是网址", "its values aren't web addresses")


def _phone(profile: Profile) -> Fit:
    if profile.share("phone") >= 0.5:
        return _yes(0.7, "值是电话号码", "its values are telephone numbers")
    return NOTHING


def _body(profile: Profile) -> Fit:
    if profile.share("authority") >= 0.5:
        return _yes(0.5, "值是机关名称", "its values are names of authorities")
    if profile.share("number") >= 0.5 or profile.length > 60:
        return _yes(-0.8, "值不是机关名称", "its values aren't names of authorities")
    return _yes(-0.1, "", "")


def _person(profile: Profile) -> Fit:
    if profile.share("person") >= 0.6:
        return _yes(0.5, "值是人名", "its values are people's names")
    if profile.share("number") >= 0.5 or profile.share("company") >= 0.7 or profile.length > 30:
        return _yes(-0.7, "值不是人名", "its values aren't people's names")
    return NOTHING


def _party(profile: Profile) -> Fit:
    if profile.share("company") >= 0.5:
        return _yes(0.4, "值是单位名称", "its values are names of businesses")
    if profile.share("number") >= 0.5 or profile.length > 80:
        return _yes(-0.8, "值不是名称", "its values aren't names")
    return NOTHING


# What a title ends with → who judges the values; the first that holds.
_TITLES = (
    (re.compile(r"网址$|网站地址$"), _url),
    (re.compile(r"电话$|手机$"), _phone),
    (re.compile(r"机关$|部门$|主办单位$|发布单位$|来源单位$|提供方$"), _body),
    (re.compile(r"姓名|法定代表人|负责人|人员|检查员|联系人$"), _person),
    (
        re.compile(r"(企业|单位|公司|主体|机构|相对人|经营者|生产者|方|许可人|检查单位)(名称)?$"),
        _party,
    ),
)


def _sized(field: Field, profile: Profile) -> Fit | None:
    title = field.title
    if re.search("内容|事实|正文|范围|摘要|情况|依据", title) and profile.length >= 30:
        return _yes(0.3, "值是长文", "its values are long texts")
    if re.search("编号|编码|代码|号$", title):
        if profile.length > 60:
            return _yes(-0.5, "值不像编号", "its values don't look like numbers of records")
        return NOTHING
    numbers = re.search("值|数|价|年|结果|等级|规格|批", title)
    if profile.share("number") >= 0.9 and not numbers:
        return _yes(-0.5, "值是数", "its values are numbers")
    return None
