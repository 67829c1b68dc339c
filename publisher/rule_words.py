"""A schema's rules across fields as Chinese sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_schemas.standard import Standard
from publisher.check_words import title, values_of

Schema = Mapping[str, Any]

#: The named formats of `exchange_schemas.formats`.
FORMAT_NAMES = {
    "date": "日期",
    "date-time": "日期时间",
    "decimal": "数值",
    "uscc": "统一社会信用代码",
    "org-code": "组织机构代码",
    "reg-no": "工商注册号",
    "resident-id": "公民身份号码",
    "division-code": "行政区划代码",
    "doc-no": "文号",
}


class _NoWords(Exception):
    """A rule that these sentences can't say."""


def rules_of(standard: Standard) -> list[Schema]:
    """The rules across fields: `allOf`, and what stands beside it."""
    outer = ("anyOf", "oneOf", "not", "if", "dependentRequired")
    beside = {name: standard.schema[name] for name in outer if name in standard.schema}
    if "if" in beside:
        beside |= {n: standard.schema[n] for n in ("then", "else") if n in standard.schema}
    return [*standard.schema.get("allOf", ()), *([beside] if beside else [])]


def rule_in_words(rule: Schema, standard: Standard) -> str | None:
    """What the rule wants; None where it is too involved for a sentence, and stands as it is."""
    try:
        return f"{_wanted(rule, standard)}。"
    except _NoWords:
        return None


def _wanted(rule: Any, standard: Standard) -> str:
    """A schema as what must hold."""
    if not isinstance(rule, Mapping):
        raise _NoWords
    parts = []
    handled = {"then", "else"}
    if "if" in rule:
        parts.append(_conditional(rule, standard))
        handled.add("if")
    if "required" in rule:
        parts.append(f"须填{_names(rule['required'], standard)}")
    if "properties" in rule:
        parts += [_property(n, s, standard) for n, s in rule["properties"].items() if s != {}]
    if "anyOf" in rule:
        parts.append(_one_of(rule["anyOf"], standard))
    for name, others in rule.get("dependentRequired", {}).items():
        parts.append(f"填写了{title(standard, name)}的，须填{_names(others, standard)}")
    if set(rule) - handled - {"required", "properties", "anyOf", "dependentRequired"} or not parts:
        raise _NoWords
    return "；".join(parts)


def _conditional(rule: Schema, standard: Standard) -> str:
    when = _condition(rule["if"], standard)
    told = []
    if rule.get("then", True) is not True:
        told.append(f"{when}时，{_wanted(rule['then'], standard)}")
    if rule.get("else", True) is not True:
        opening = "否则" if told else f"除{when}以外"
        told.append(f"{opening}，{_wanted(rule['else'], standard)}")
    if not told:
        raise _NoWords
    return "；".join(told)


def _condition(rule: Any, standard: Standard) -> str:
    """A schema as what may be the case."""
    if not isinstance(rule, Mapping) or set(rule) - {"properties", "required", "anyOf", "not"}:
        raise _NoWords
    told = [_case(name, s, standard) for name, s in rule.get("properties", {}).items()]
    bare = [name for name in rule.get("required", ()) if name not in rule.get("properties", {})]
    told += [f"填写了{title(standard, name)}" for name in bare]
    if "anyOf" in rule:
        told.append("或者".join(_condition(one, standard) for one in rule["anyOf"]))
    if "not" in rule:
        told.append(f"并非{_condition(rule['not'], standard)}")
    if not told:
        raise _NoWords
    return "，且".join(told)


def _case(name: str, schema: Any, standard: Standard) -> str:
    named = title(standard, name)
    match schema:
        case {"const": value} if len(schema) == 1:
            return f"{named}为{values_of(standard, name, [value])[0]}"
        case {"enum": values} if len(schema) == 1:
            return f"{named}为{'或'.join(values_of(standard, name, values))}"
        case {"contains": {"const": value}} if len(schema) == 1:
            return f"{named}含有{values_of(standard, name, [value])[0]}"
        case {"not": other} if len(schema) == 1:
            return f"并非{_case(name, other, standard)}"
    raise _NoWords


def _property(name: str, schema: Any, standard: Standard) -> str:
    named = title(standard, name)
    if schema is False:
        return f"不得填写{named}"
    match dict(schema) if isinstance(schema, Mapping) and len(schema) == 1 else {}:
        case {"x-expected": True}:
            told = f"应填{named}"
        case {"format": str(form)}:
            told = f"{named}须合乎{FORMAT_NAMES.get(form, form)}的格式"
        case {"pattern": str(pattern)}:
            told = f"{named}须合乎格式 {pattern}"
        case {"not": {"contains": {"const": value}}}:
            told = f"{named}不得含有{values_of(standard, name, [value])[0]}"
        case {"contains": {"const": value}}:
            told = f"{named}须含有{values_of(standard, name, [value])[0]}"
        case _:
            told = _case(name, schema, standard).replace(f"{named}为", f"{named}须为", 1)
    return told


def _one_of(rules: Any, standard: Standard) -> str:
    """Alternatives that each want one field, or a few."""
    if all(set(one) == {"required"} for one in rules):
        listed = "、".join("和".join(_title_list(one["required"], standard)) for one in rules)
        return f"{listed}至少填一项"
    return "；或者".join(_wanted(one, standard) for one in rules)


def _names(names: Any, standard: Standard) -> str:
    return "、".join(_title_list(names, standard))


def _title_list(names: Any, standard: Standard) -> list[str]:
    return [title(standard, name) for name in names]
