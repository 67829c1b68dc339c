"""A standard's `checks:` as Chinese sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exchange_schemas.standard import Standard
from publisher.meanings import titles as value_titles

Told = Mapping[str, Any]


def check_in_words(told: Told, standard: Standard, datasets: Mapping[str, str]) -> str | None:
    """What the check wants; None for a kind of check that has no words here."""
    sentence = _sentence(told, standard, datasets)
    condition = told.get("when")
    if sentence is None or not condition:
        return sentence
    when = "，且".join(
        f"{title(standard, name)}为{'或'.join(values_of(standard, name, values))}"
        for name, values in condition.items()
    )
    return f"{when}时，{sentence}"


def _sentence(told: Told, standard: Standard, datasets: Mapping[str, str]) -> str | None:
    if told["check"] in _ORDERS:
        return _order(told, standard)
    if told["check"] in ("agrees", "exists"):
        return _elsewhere(told, standard, datasets)
    sentence = _SENTENCES.get(told["check"])
    return sentence(told, lambda name: title(standard, told[name])) if sentence else None


Named = Callable[[str], str]  # the title of the field that an option of the check names


_ORDERS = {"date_order": "不早于前一个日期", "amount_order": "不小于前一个数"}


def _order(told: Told, standard: Standard) -> str:
    fields = "、".join(title(standard, name) for name in told["fields"])
    return f"{fields}应当依次{_ORDERS[told['check']]}。"


def _overdue(told: Told, named: Named) -> str:
    since = f"{named('since')}已满 {told['years']} 年"
    return (
        f"{since}而仍没有{named('unless')}的，予以提示。"
        if "unless" in told
        else f"{since}的，予以提示。"
    )


def _department_known(told: Told, named: Named) -> str:
    code = f"，{named('code')}应当是它的代码" if "code" in told else ""
    return f"{named('name')}应当是本市在当日存在的部门{code}。"


_SENTENCES: dict[str, Callable[[Told, Named], str]] = {
    "amount_in_text": lambda told, named: (
        f"{named('amount')}应当与{named('text')}中“{'、'.join(told['words'])}”的金额一致。"
    ),
    "amount_needs_kind": lambda told, named: (
        f"{named('amount')}大于零时，{named('kinds')}应当含有{'或'.join(f'“{kind}”' for kind in told['any'])}。"
    ),
    "within_working_days": lambda told, named: (
        f"{named('to')}应当在{named('from')}之后 {told['days']} 个工作日以内。"
    ),
    "overdue": _overdue,
    "code_starts": lambda told, named: (
        f"{named('code')}应当以 {'、'.join(map(str, told['starts']))} 开头。"
    ),
    "department_known": _department_known,
}


def _elsewhere(told: Told, standard: Standard, datasets: Mapping[str, str]) -> str:
    """Checks that look into another dataset: its fields are named as they are there."""
    there = datasets.get(told["dataset"], told["dataset"])
    by = "、".join(title(standard, name) for name in told["on"])
    if told["check"] == "exists":
        return f"按{by}应当能在数据集“{there}”中找到记录。"
    same = "、".join(title(standard, name) for name in told["same"])
    return f"{same}应当与数据集“{there}”中{by}相同的记录一致。"


def title(standard: Standard, name: str) -> str:
    """A field by its title; what is no field of this version by its name."""
    return standard.fields[name].title if name in standard.fields else name


def values_of(standard: Standard, name: str, values: Any) -> list[str]:
    """Values by their titles in the field's code list, in quotation marks; booleans in words."""
    field = standard.fields.get(name)
    told = value_titles(field) if field else {}
    words = {True: "是", False: "否"}
    return [f"“{words[v] if isinstance(v, bool) else told.get(v, v)}”" for v in values]
