"""Reads the files of rules and settings, and says what is wrong with them.

In a condition `{setting: NAME}` stands for a setting, and `{yuan: NAME}` for one in yuan, written in
10,000 yuan as amounts of records are. What compares with a setting that nobody gave never holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import yaml

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.law_rules import CLOCK_KINDS, UNITS, ClockRule, Rule, Settings
from exchange_schemas.references import load_references
from exchange_schemas.strict_yaml import read_strictly

AnyRule = TypeVar("AnyRule", bound=Rule)

WITHOUT_TERM = ("severity", "repair_never")
_NAMES = ("datasets", "start", "later", "sooner", "on", "until")  # what is a list of names
_FLAGS = ("configured", "enabled", "fallback")
_DAYS = ("valid_from", "valid_to")
_YUAN = ("low_fine_yuan", "huge_fine_yuan")
_BLANK: Mapping[str, Any] = {"datasets": [], "when": {}, "valid_from": None, "valid_to": None}
_MAY_LACK = {*_BLANK}
_UNSET = object()  # a setting in yuan that nobody gave


def read_rules(path: Path, kind: type[AnyRule]) -> list[AnyRule]:
    """The rules of a file, in its order; none where there is no file.

    Raises Misdeclared (law_invalid).
    """
    told = _read(path, [])
    if not isinstance(told, list):
        raise invalid(path, "-", "the file is a list of rules", "应为规则的列表")
    rules = [_rule(path, one, kind) for one in told]
    for place, rule in enumerate(rules):
        if rule.name in [other.name for other in rules[:place]]:
            raise invalid(path, rule.name, "stands twice; give a version", "重复；请写版本")
    return rules


def _rule(path: Path, told: Any, kind: type[AnyRule]) -> AnyRule:
    if not isinstance(told, Mapping) or not isinstance(told.get("id"), str):
        raise invalid(
            path, str(told)[:60], "a rule is a mapping with an id", "规则应为有 id 的映射"
        )
    name, given = told["id"], {**_BLANK, **told, "version": str(told.get("version", ""))}
    if kind is ClockRule:
        given = _term(given)
    known = {one.name: one for one in fields(kind)}
    unknown = ", ".join(sorted(map(str, given.keys() - known.keys())))
    if unknown:
        raise invalid(path, name, f"{unknown} isn't known", f"没有 {unknown} 这一项")
    needed = {n for n, one in known.items() if one.default is MISSING} | {"source"}
    lost = ", ".join(n for n in known if n in needed - _MAY_LACK and not given.get(n))
    if lost:
        raise invalid(path, name, f"{lost} is missing", f"缺少 {lost}")
    given |= {key: _names(given[key]) for key in given.keys() & {*_NAMES}}
    wrong = next(_wrong(given), None)
    if wrong is not None:
        raise invalid(path, name, *wrong)
    return kind(**given)


def _term(told: Mapping[str, Any]) -> dict[str, Any]:
    """`from` is a word of Python, and each unit a key of its own in the file."""
    given = {"start" if key == "from" else key: value for key, value in told.items()}
    for unit in UNITS:
        if unit in given:
            # of two units the second stays behind as a key that isn't known
            given |= {"unit": unit, "amount": given.pop(unit)}
            break
    return given


def _names(told: Any) -> tuple[Any, ...]:
    return tuple(told) if isinstance(told, list) else (told,)


def _wrong(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a rule says that can't be, in English and Chinese."""
    for key in given.keys() & {*_NAMES}:
        if not all(isinstance(name, str) for name in given[key]):
            yield f"{key} must be names", f"{key} 应为名称"
    for key in given.keys() & {*_FLAGS}:
        if not isinstance(given[key], bool):
            yield f"{key} is true or false", f"{key} 应为 true 或 false"
    days = [given[key] for key in _DAYS]
    if not all(type(day) is date or day is None for day in days):
        yield "valid_from and valid_to are days", "valid_from 和 valid_to 应为日期"
    elif None not in days and days[1] < days[0]:
        yield "valid_to is before valid_from", "valid_to 早于 valid_from"
    if given["source"] not in load_references():
        yield f"there is no reference {given['source']}", f"没有参考文献 {given['source']}"
    if not isinstance(given["when"], Mapping | list):
        yield "when: is a condition", "when 应为条件"
    if "kind" in given:
        yield from _wrong_term(given)


def _wrong_term(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    amount, kind = given.get("amount"), given["kind"]
    if kind not in CLOCK_KINDS:
        known = ", ".join(CLOCK_KINDS)
        yield f"there is no kind {kind}; known are: {known}", f"没有 {kind} 类，可用的有：{known}"
    if amount is None and kind not in WITHOUT_TERM and not given.get("sooner"):
        known = ", ".join(UNITS)
        yield f"one of {known} is missing", f"缺少 {known} 之一"
    if amount is not None and (type(amount) is not int or amount < 0):
        yield f"{amount} isn't a number of {given['unit']}", f"{amount} 不是整数"
    elif given.get("unit") == "day_of_next_month" and not 1 <= (amount or 0) <= 28:
        yield "day_of_next_month is from 1 to 28", "day_of_next_month 应为 1 至 28"


def read_settings(paths: Sequence[Path]) -> Settings:
    """The settings of the first file, each replaced where a later file has it.

    Raises Misdeclared (law_invalid).
    """
    given: dict[str, Any] = {}
    known = [one.name for one in fields(Settings)]
    for path in paths:
        told = _read(path, {})
        if not isinstance(told, Mapping):
            raise invalid(path, "-", "the file is a mapping", "应为映射")
        for key, value in told.items():
            if key not in known:
                there = ", ".join(known)
                words = f"isn't known; known are: {there}", f"没有这一项，可用的有：{there}"
                raise invalid(path, str(key), *words)
            given[key] = _setting(path, key, value)
    return Settings(**given)


def _setting(path: Path, key: str, value: Any) -> Any:
    if key in _YUAN:
        try:
            amount = None if value is None else Decimal(str(value))
        except InvalidOperation:
            amount = Decimal(-1)
        if isinstance(value, bool) or (amount is not None and not amount >= 0):
            raise invalid(
                path, key, f"{value} isn't an amount in yuan", f"{value} 不是以元计的金额"
            )
        return amount
    days = ("calendar_alarm_days", "grant_review_days", "grant_answer_days")
    expected = {"objection_mark": bool, **dict.fromkeys(days, int)}.get(key, str)
    if type(value) is not expected or (isinstance(value, int) and value < 0):
        words = f"{value} isn't what it should be", f"{value} 的类型不对"
        raise invalid(path, key, *words)
    return value


def check_choice(path: Path, choice: str, rules: Sequence[ClockRule]) -> None:
    """Raises Misdeclared (law_invalid) where `choice` is neither shorter, longer nor a rule's id."""
    known = ("shorter", "longer", *(rule.id for rule in rules if rule.kind == "public_until"))
    if choice not in known:
        there = ", ".join(known)
        words = f"{choice} is none of {there}", f"{choice} 不是以下之一：{there}"
        raise invalid(path, "choice", *words)


def settled(rule: AnyRule, settings: Settings) -> AnyRule:
    """The rule with the settings in the place of their names in its condition.

    Raises Misdeclared (law_invalid) where there is no such setting.
    """
    return replace(rule, when=_settled(rule, rule.when, settings))


def _settled(rule: Rule, told: Any, settings: Settings) -> Any:
    if isinstance(told, list):
        return [_settled(rule, one, settings) for one in told]
    if not isinstance(told, Mapping):
        return told
    found = {key: _settled(rule, value, settings) for key, value in told.items()}
    if found.keys() == {"setting"} or found.keys() == {"yuan"}:
        ((how, name),) = found.items()
        if name not in [one.name for one in fields(settings)]:
            file = "clocks.yml" if isinstance(rule, ClockRule) else "never.yml"
            words = f"there is no setting {name}", f"没有设置项 {name}"
            raise invalid(Path(file), rule.id, *words)
        value = getattr(settings, name)
        return [value] if how == "setting" else _UNSET if value is None else str(value / 10_000)
    unset = any(_UNSET in one.values() for one in found.values() if isinstance(one, Mapping))
    return [] if unset else found


def _read(path: Path, nothing: Any) -> Any:
    if not path.is_file():
        return nothing
    try:
        told = read_strictly(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise invalid(path, "-", f"can't be read: {error}", f"无法读取：{error}") from error
    return nothing if told is None else told


def invalid(path: Path, rule: str, reason: str, reason_zh: str) -> Misdeclared:
    """What is wrong with a rule of a file, as an exception."""
    words = {"file": path.name, "rule": rule, "reason": reason, "reason_zh": reason_zh}
    return Misdeclared(Issue("law_invalid", value=rule, params=words))
