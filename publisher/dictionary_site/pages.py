"""What the index, the pages of code lists and the page of references show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from exchange_schemas.code_list import Code, CodeList
from exchange_schemas.codes import load_codes
from exchange_schemas.references import Reference
from exchange_schemas.standard import TIERS, Standard

Values = dict[str, Any]

TIER_NAMES = {
    "public": ("社会公开", "public"),
    "industry": ("行业内", "industry"),
    "government": ("政府内部", "government"),
    "sealed": ("不予共享", "sealed"),
}
SHARE_NAMES = {
    "unconditional": ("无条件共享", "Shared unconditionally"),
    "conditional": ("有条件共享", "Shared on conditions"),
    "none": ("不予共享", "Not shared"),
}


def named(code_list: str, code: str) -> tuple[str, str]:
    """A code's titles in Chinese and English; the code itself where the list doesn't have it."""
    found = load_codes(code_list).codes.get(code)
    return (found.title, found.title_en) if found else (code, code)


def index(standards: Sequence[Standard]) -> Values:
    """The standards by the department that answers for them today, in the order of the list."""
    groups = []
    for department in load_codes("departments").codes.values():
        theirs = [_card(one) for one in standards if one.department == department.code]
        if theirs:
            groups.append({"department": department, "standards": theirs})
    fields = sum(len(one.fields) for one in standards)
    return {"groups": groups, "standards": len(standards), "fields": fields, "tiers": TIER_NAMES}


def _card(one: Standard) -> Values:
    counts = {tier: sum(f.tier == tier for f in one.fields.values()) for tier in TIERS}
    return {
        "standard": one,
        "counts": counts,
        "share": SHARE_NAMES[one.share_type],
        "cycle": named("update_cycles", one.cycle),
        # What the filter looks into, besides the row: field names and titles.
        "words": " ".join(f"{f.name} {f.title} {f.code or ''}" for f in one.fields.values()),
    }


#: What the lists are for that no field of a current version takes its codes from.
_PURPOSES = {
    "decision_reasons": "公示决定的理由",
    "decision_states_2015": "决定状态（2015 年数据标准）",
    "department_names": "部门全称与部门代码对照",
    "departments": "部门：数据标准的责任部门和提供部门",
    "division_aliases": "区划名称与区划代码对照",
    "division_tiles": "方格地图上各县（市、区）的位置",
    "divisions_elsewhere": "本市以外的行政区划",
    "penalty_kind_map": "处罚类别新旧对照",
    "penalty_kinds_2018": "处罚类别（2018 年数据标准）",
    "penalty_kinds_2021": "处罚类别（2021 年行政处罚法）",
}


def all_code_lists(lists: Iterable[CodeList], standards: Sequence[Standard]) -> Values:
    """Every list with what it is for, and the standards that use it."""
    used = _users(standards)
    return {
        "lists": [
            (one, purpose(one.name, standards), sorted(used.get(one.name, {}).items()))
            for one in lists
        ]
    }


def purpose(name: str, standards: Iterable[Standard]) -> str:
    """The titles of the fields that take their codes from a list, since lists have no title."""
    fields = (field for one in standards for field in one.fields.values())
    titles = dict.fromkeys(field.title for field in fields if field.codelist == name)
    return "、".join(titles) or _PURPOSES.get(name, "")


def code_list(one: CodeList, standards: Sequence[Standard]) -> Values:
    """All rows of a list, those of one code beside each other."""
    codes = [code for rows in one.periods.values() for code in rows]
    extra = list(dict.fromkeys(name for code in codes for name in code.more))
    return {
        "list": one,
        "purpose": purpose(one.name, standards),
        "codes": codes,
        "extra": extra,
        "dated": any(code.valid_from or code.valid_to for code in codes),
        "succeeded": any(code.successors for code in codes),
        "anchors": _anchors(codes),
        "users_of": sorted(_users(standards).get(one.name, {}).items()),
    }


def _anchors(codes: Iterable[Code]) -> dict[str, int]:
    """A code → the row of its last period; codes are Chinese words, so rows are counted."""
    return {code.code: number for number, code in enumerate(codes, 1)}


def _users(standards: Iterable[Standard]) -> dict[str, dict[str, str]]:
    """List → dataset → title, of the standards that use the list."""
    found: dict[str, dict[str, str]] = {}
    for one in standards:
        for field in one.fields.values():
            if field.codelist:
                found.setdefault(field.codelist, {})[one.dataset] = one.title
    return found


def references(known: Mapping[str, Reference], standards: Iterable[Standard]) -> Values:
    """Every reference, with the standards whose fields come from it."""
    users: dict[str, dict[str, str]] = {name: {} for name in known}
    for one in standards:
        for source in dict.fromkeys(s for f in one.fields.values() for s in f.sources):
            users.setdefault(source, {})[one.dataset] = one.title
    return {"references": [(known[name], sorted(found.items())) for name, found in users.items()]}
