"""Whether the rules speak of what there is, and what has to be said of the law today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from exchange_schemas.conditions import check_condition
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from exchange_schemas.law_rules import AS_OF, EVENT, PUBLISHED_ON, ClockRule, Law, Rule
from exchange_schemas.standard import Standard
from exchange_schemas.working_days import calendar_issues

_NO_FIELDS = (AS_OF, EVENT, PUBLISHED_ON)
FILES = {True: "clocks.yml", False: "never.yml"}


def check_law(law: Law, standards: Iterable[Standard]) -> list[Issue]:
    """law_invalid for each rule that names a dataset or a field that no standard has, or asks what
    can't be asked of it. Such a rule holds for nothing, so what it says would silently not count.
    """
    known = {standard.dataset: standard for standard in standards}
    return [
        Issue("law_invalid", value=rule.name, params=_words(rule, *wrong))
        for rule in (*law.clocks, *law.never)
        for wrong in _wrong(rule, known)
    ]


def _wrong(rule: Rule, known: dict[str, Standard]) -> Iterator[tuple[str, str]]:
    for name in rule.datasets:
        if name not in known:
            yield f"there is no dataset {name}", f"没有数据集 {name}"
            continue
        fields = known[name].fields
        try:
            check_condition(rule.when, fields)
        except Misdeclared as error:
            yield error.issue.message("en"), error.issue.message("zh_CN")
        for one in sorted(_dates(rule) - {*_NO_FIELDS}):
            if one not in fields or fields[one].kind not in ("date", "datetime"):
                yield f"{name} has no date {one}", f"{name} 没有日期字段 {one}"


def _dates(rule: Rule) -> set[str]:
    return {*rule.start, *rule.later, *rule.sooner} if isinstance(rule, ClockRule) else set()


def _words(rule: Rule, reason: str, reason_zh: str) -> dict[str, str]:
    file = FILES[isinstance(rule, ClockRule)]
    return {"file": file, "rule": rule.name, "reason": reason, "reason_zh": reason_zh}


def law_issues(law: Law, today: date) -> list[Issue]:
    """What whoever runs the hub has to know of its law today: the calendar, amounts not set yet."""
    found = calendar_issues(today, law.calendar, law.settings.calendar_alarm_days)
    if law.settings.low_fine_yuan is None:
        found.append(Issue("low_fine_unset"))
    return found
