"""Penalty decisions as an enforcement platform's interface answers: JSON with nested lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from adapters.feeds.samples import invented_codes as codes
from adapters.feeds.samples import town
from adapters.feeds.samples.dice import Dice
from adapters.feeds.samples.offences import OFFENCES, Offence

COUNT = 120
ANNOUNCED = 128  # the interface promises more than it delivers
_FIRST, _LAST = date(2024, 3, 1), date(2026, 10, 30)
_BRACKETS = ("〔{}〕", "〔{}〕", "【{}】", "（{}）", "[{}]")
_ABSENT = "0" * 17 + "X"  # what departments write where there is no credit code


@dataclass(frozen=True, slots=True)
class Party:
    """Who was penalised, in the columns of the national table."""

    name: str
    division: str
    columns: dict[str, str | None]


def file() -> bytes:
    """The whole answer; `total` differs from the number of rows."""
    rows = list(_rows())
    answer = {"code": 200, "message": "查询成功", "data": {"total": ANNOUNCED, "rows": rows}}
    return (json.dumps(answer, ensure_ascii=False, indent=1) + "\n").encode()


def _rows() -> Iterator[dict[str, Any]]:
    dice = Dice("maoming-penalties")
    for number in range(1, COUNT + 1):
        row = _row(dice, number)
        _spoil(row, number)
        yield row


def _spoil(row: dict[str, Any], number: int) -> None:
    """Three rows that must be rejected, and one that must not be published."""
    match number:
        case 23:
            row["CF_XDR_SHXYM"] = codes.broken(codes.company_code("91", "440902", 9023))
        case 58:
            row["CF_CFLB"] = []
        case 87:
            row["CF_NR_FK"] = "约叁万"
        case 101:
            # Somebody's number inside a text: the masks by field can't see it, the scan must.
            row["CF_SY"] += f"经办人身份证号码为{codes.resident_id(date(1907, 7, 1), 101)}。"


def _row(dice: Dice, number: int) -> dict[str, Any]:
    offence = dice.pick(OFFENCES)
    party = _person(dice, number) if offence.by_person or dice.chance(0.1) else _company(dice)
    decided = dice.day(_FIRST, _LAST)
    authority = _authority(dice, offence, party)
    return {
        "AJMC": f"{party.name}{offence.kind}案",
        "AJCX": "简易程序" if offence.kinds == ("警告",) else "普通程序",
        "CF_XDR_MC": party.name,
        **party.columns,
        "CF_WSH": _doc_no(dice, authority.mark, decided, number),
        "CF_WFXW": offence.kind,
        "CF_SY": f"{decided.year}年{decided.month}月，执法人员检查时发现当事人{offence.facts}",
        "CF_YJ": offence.basis,
        **_sentence(dice, offence, number),
        "CF_JDRQ": f"{decided:%Y/%m/%d}",
        "SDRQ": f"{decided + timedelta(days=dice.between(0, 7)):%Y/%m/%d}",
        "CF_YXQ": "2099/12/31",
        "CF_CFJG": authority.name,
        "CF_CFJGDM": _ABSENT if number == 64 else authority.uscc,
        "CF_SJLY": authority.name,
        "CF_SJLYDM": authority.uscc,
        "CF_ZT": "正常",
        "BZ": dice.pick(("", "", "", "无", "当事人已主动消除危害后果 ")),
    }


def _doc_no(dice: Dice, mark: str, decided: date, number: int) -> str:
    return f"{mark}处罚{dice.pick(_BRACKETS).format(decided.year)}{number}号"


def _authority(dice: Dice, offence: Offence, party: Party) -> town.Authority:
    city, *_, farming, _, streets = town.authorities()
    if not offence.market:
        return streets if offence.by_person else farming
    return city if dice.chance(0.25) else town.regulator(party.division)


def _company(dice: Dice) -> Party:
    business = dice.early(town.businesses()[:160])
    columns = {
        "CF_XDR_LB": business.subject_type,
        "CF_XDR_SHXYM": business.uscc or _ABSENT,
        "CF_XDR_GSZC": business.reg_no if business.uscc is None or dice.chance(0.3) else None,
        "CF_FRDB": business.person,
        "CF_XDR_ZJLX": None,
        "CF_XDR_ZJHM": None,
    }
    return Party(business.name, business.division, columns)


def _person(dice: Dice, number: int) -> Party:
    """Born in a place that doesn't exist, more than a hundred years before the decision."""
    born = dice.day(date(1901, 1, 1), date(1909, 12, 31))
    columns = {
        "CF_XDR_LB": "自然人",
        "CF_XDR_SHXYM": None,
        "CF_XDR_GSZC": None,
        "CF_FRDB": None,
        "CF_XDR_ZJLX": "身份证",
        "CF_XDR_ZJHM": codes.resident_id(born, number),
    }
    return Party(town.person(dice), dice.pick(tuple(town.DISTRICTS)), columns)


def _sentence(dice: Dice, offence: Offence, number: int) -> dict[str, Any]:
    """Kinds, wording and amounts; amounts are in 10,000 yuan."""
    fine = f"{dice.pick(offence.fines)}" if "罚款" in offence.kinds else None
    income = f"{dice.between(1, 400) / 100:.2f}" if "没收违法所得" in offence.kinds else None
    goods = f"{dice.between(1, 90) / 100:.4f}" if "没收非法财物" in offence.kinds else None
    licence = f"食品经营许可证 JY0{number:013d}" if "吊销许可证件" in offence.kinds else None
    words = (
        ("警告", "警告"),
        (income, f"没收违法所得{income}万元"),
        (goods, f"没收非法财物，货值{goods}万元"),
        (fine, f"罚款{fine}万元"),
        (licence, "吊销食品经营许可证"),
    )
    said = [
        text for given, text in words if given and (given != "警告" or "警告" in offence.kinds)
    ]
    return {
        "CF_CFLB": list(offence.kinds),
        "CF_NR": f"决定对当事人作出如下处罚：{'；'.join(said) or '责令停产停业'}。",
        "CF_NR_FK": fine,
        "CF_NR_MSSD": income,
        "CF_NR_MSCW": goods,
        "CF_NR_ZKDX": licence,
    }
