"""How a column becomes its field: the converter, the texts for "no value", and what more it tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.suggest.fit import codes_of
from adapters.suggest.match import Pair
from adapters.suggest.reason import Reason
from adapters.suggest.shapes import MARKS, Profile
from exchange_schemas.standard import Field, Standard

MOST_CODES = 40  # values of a column for which a table is written


Told = tuple[dict[str, Any], list[Reason]]


@dataclass(frozen=True, slots=True)
class Suggested:
    """One field's rule: what stands behind its name in the declaration; why, and how sure (0–1)."""

    field: str
    rule: str | dict[str, Any]
    confidence: float
    reason: Reason
    columns: tuple[str, ...] = ()
    notes: Sequence[Reason] = ()


def rules(
    pairs: Sequence[Pair], profiles: Mapping[str, Profile], standard: Standard, kind: str
) -> list[Suggested]:
    """A rule for each pair, and for fields that follow from them; in the order of the standard."""
    found = {pair.field: _rule(pair, profiles[pair.column], standard, kind) for pair in pairs}
    for more in _further(pairs, profiles, standard):
        found.setdefault(more.field, more)
    return [found[name] for name in standard.fields if name in found]


def nulls_of(profiles: Sequence[Profile]) -> list[str]:
    """The marks that stand for "no value" in the sample, whatever the column."""
    seen = {text for one in profiles for text in one.nulls if text.lower() in MARKS}
    return sorted(seen)


def _rule(pair: Pair, profile: Profile, standard: Standard, kind: str) -> Suggested:
    target = standard.fields[pair.field]
    told, notes = _conversion(target, profile, kind)
    words = [text for text in profile.nulls if text.lower() not in MARKS]
    if words and target.kind != "boolean":
        told["nulls"] = words
    rule: str | dict[str, Any] = {"from": pair.column, **told} if told else pair.column
    return Suggested(pair.field, rule, pair.score, pair.reason, (pair.column,), tuple(notes))


def _conversion(target: Field, profile: Profile, kind: str) -> Told:
    """The converter and its options, where the field's own won't do; and what is to be seen to."""
    if target.kind in ("date", "datetime"):
        return _dated(target, profile)
    if target.kind == "decimal":
        return _amount(target, profile), []
    if target.kind == "list":
        return _listed(profile, kind)
    if target.schema.get("format") == "uscc":
        return ({"convert": "uscc", "mixed": True} if _is_mixed(profile) else {}), []
    if codes_of(target) and target.schema.get("format") != "division-code":
        return _looked_up(target, profile)
    return {}, []


def _dated(target: Field, profile: Profile) -> Told:
    if target.kind == "date" and profile.share("open") > 0:
        return {"convert": "date_open"}, []
    if profile.share("foreign_date") > 0.3:
        return {}, [
            _odd("日期写法须先转换", "dates in a notation that no converter reads", profile)
        ]
    if target.kind == "date" and profile.share("date") < 0.5 and profile.share("datetime") >= 0.5:
        return {}, [
            _odd("值带时刻，日期转换器会拒绝", "its times of day will be refused", profile)
        ]
    if target.kind == "datetime" and profile.share("datetime") < 0.5:
        return {}, [
            _odd("值没有时刻，会被拒绝", "it has no time of day and will be refused", profile)
        ]
    return {}, []


def _odd(zh: str, en: str, profile: Profile) -> Reason:
    example = profile.cells[0]
    return Reason(f"{zh}（{example}）", f"{en} ({example})")


def _amount(target: Field, profile: Profile) -> dict[str, Any]:
    """万 where the field is in 万; a column that is in 元 says so in its name or its size."""
    if "万" not in target.title:
        return {}
    if profile.share("number") < 0.9 or "万" in profile.name:
        return {"convert": "amount_wan"}
    if "元" in profile.name or _median(profile) >= 10_000:
        return {"convert": "amount_yuan_to_wan"}
    return {"convert": "amount_wan"}


def _median(profile: Profile) -> float:
    numbers = sorted(float(cell.replace(",", "")) for cell in profile.cells if _is_number(cell))
    positive = [number for number in numbers if number > 0]
    return positive[len(positive) // 2] if positive else 0.0


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", ""))
    except ValueError:
        return False
    return True


def _is_mixed(profile: Profile) -> bool:
    """Registration numbers among the credit codes."""
    return profile.share("reg_no") > 0 and profile.share("uscc_form") < 1


def _listed(profile: Profile, kind: str) -> Told:
    if kind in ("json", "jsonl", "pydict"):
        texts = [cell for cell in profile.cells if not cell.startswith("[")]
        return ({"convert": "split"}, []) if texts else ({}, [])
    return {}, []


def _looked_up(target: Field, profile: Profile) -> Told:
    """A table from the code list's titles to its codes, where the column has titles."""
    told = codes_of(target)
    values = [value for value, _ in profile.counts.most_common()]
    bare = {value.removesuffix(".0") for value in values}
    if all(told.get(value) == value for value in values):
        return {}, []
    if all(told.get(value) == value for value in bare):
        return {"convert": "code"}, []
    if target.name == "capital_currency" and profile.share("number") < 0.1:
        return {"convert": "currency"}, []
    if len(values) > MOST_CODES:
        note = Reason(
            "值不在代码表内且种类太多，请补对照表",
            "too many values outside the code list: add a table",
        )
        return {}, [note]
    table = {value: told[value] for value in values if value in told}
    unknown = [value for value in values if value not in told]
    if not table:
        return {}, [_to_add(unknown)]
    return {"convert": "lookup", "table": table}, [_to_add(unknown)] if unknown else []


def _to_add(values: Sequence[str]) -> Reason:
    shown = "、".join(values[:6])
    return Reason(f"请在 table 里补：{shown}", f"add to table: {shown}")


def _further(
    pairs: Sequence[Pair], profiles: Mapping[str, Profile], standard: Standard
) -> Iterator[Suggested]:
    """Fields that a column gives besides its own."""
    by_field = {pair.field: pair for pair in pairs}
    for name, make in _MORE.items():
        pair = by_field.get(name)
        if pair is not None:
            for target, rule, reason in make(pair.column, profiles[pair.column]):
                if target in standard.fields:
                    columns = (pair.column,)
                    yield Suggested(target, rule, min(pair.score, 0.8), reason, columns)
    yield from _subject_type(by_field, standard)


More = Iterator[tuple[str, dict[str, Any], Reason]]


def _from_uscc(column: str, profile: Profile) -> More:
    if _is_mixed(profile):
        reason = Reason("同列里还有注册号", "the column has registration numbers too")
        yield "reg_no", {"from": column, "convert": "reg_no", "mixed": True}, reason
        reason = Reason("没有信用代码的行", "rows without a credit code")
        yield "uscc_absent", {"from": column, "convert": "uscc_absent", "mixed": True}, reason


def _from_capital(column: str, profile: Profile) -> More:
    if profile.share("number") < 0.9:
        reason = Reason("金额里写有币种", "the amounts name their currency")
        yield "capital_currency", {"from": column, "convert": "currency"}, reason


def _from_doc_no(column: str, _profile: Profile) -> More:
    reason = Reason("保留来源原样的文号", "the number as the source writes it")
    yield "doc_no_as_written", {"from": column}, reason


def _from_end(column: str, profile: Profile) -> More:
    if profile.share("open") > 0:
        reason = Reason("其中有“长期”", "some have no end")
        yield "long_term", {"from": column, "convert": "long_term"}, reason


_MORE = {
    "uscc": _from_uscc,
    "registered_capital": _from_capital,
    "doc_no": _from_doc_no,
    "operate_to": _from_end,
    "valid_to": _from_end,
    "expires_on": _from_end,
}


def _subject_type(by_field: Mapping[str, Pair], standard: Standard) -> Iterator[Suggested]:
    """A credit code, or a kind of entity, tells natural businesses from legal persons."""
    told = [by_field[name] for name in ("uscc", "entity_type") if name in by_field]
    if told and "uscc" in by_field and "subject_type" in standard.fields:
        columns = [pair.column for pair in told]
        rule = {"from": columns if len(columns) > 1 else columns[0], "convert": "subject_type"}
        reason = Reason("由信用代码和类型推出", "follows from the code and the type")
        yield Suggested("subject_type", rule, 0.75, reason, tuple(columns))
