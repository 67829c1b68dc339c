"""Invented tickets in columns of numbers: a city's usual weeks, with what a test adds to them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

DAY = date(2026, 11, 30)  # a Monday: the last complete week ended the day before
COUNTIES = ("440902", "440904", "440981", "440982", "440983")
CATEGORIES = {
    "0101": "商品质量/食品",
    "0102": "商品质量/家电",
    "0201": "价格/停车收费",
    "0301": "服务/餐饮",
    "0302": "服务/美容健身",
}
SELLERS = {
    "91440902MA00001J4X": "茂名市晴川超市有限公司",
    "91440904MA00001K79": "茂名市电白区青榄渔港水产品有限公司",
    "91440983MA00004K6L": "信宜市竹海云开竹器厂",
}
REPORTER = {"reporter_name": "薛小楼", "reporter_phone": "13906680111"}


def a_ticket(number: int, on: date, **more: Any) -> dict[str, Any]:
    """A complaint on food in 茂南区; its text has who reported in it."""
    return {
        "ticket_no": f"MM{number:08d}",
        "channel": "电话",
        "kind": "投诉",
        "received_at": f"{on}T09:00:00+08:00",
        "category_code": "0101",
        "category_path": CATEGORIES["0101"],
        "division_code": "440902",
        "assigned_dept": "茂名市市场监督管理局",
        "facts": f"本人薛小楼反映第{number}号事项：{_words(number)}",
        **REPORTER,
        **more,
    }


def _words(seed: int) -> str:
    """A text that is like no other."""
    chance = random.Random(seed)
    return "".join(chr(0x4E00 + chance.randrange(8000)) for _ in range(60))


def usual_weeks(weeks: int = 60, each: int = 10, seed: int = 3) -> list[dict[str, Any]]:
    """`each` tickets a week on average, spread over counties and categories, until the day before `DAY`."""
    chance = random.Random(seed)
    first = DAY - timedelta(weeks=weeks)
    made = []
    for number in range(weeks * each):
        on = first + timedelta(days=chance.randrange(weeks * 7))
        code = chance.choice(list(CATEGORIES))
        made.append(
            a_ticket(
                number,
                on,
                category_code=code,
                category_path=CATEGORIES[code],
                division_code=chance.choice(COUNTIES),
                **_outcome(chance, on),
            )
        )
    return made


def _outcome(chance: random.Random, on: date) -> dict[str, Any]:
    """What became of it: accepted and mediated in most cases, closed late in some."""
    if chance.random() < 0.1:
        return {}
    accepted, closed = on + timedelta(days=3), on + timedelta(days=chance.choice((10, 20, 40)))
    told: dict[str, Any] = {
        "accept_decision": "受理", "accept_decided_on": str(accepted),
        "due_on": str(on + timedelta(days=30)), "closed_on": str(closed),
        "satisfaction": chance.choice(("满意", "基本满意", "不满意", "未评价")),
    }  # fmt: skip
    if chance.random() < 0.6:
        told |= {
            "mediation_result": "达成",
            "mediation_ended_on": str(closed),
            "amount_yuan": "99.50",
        }
    return told


def burst(count: int, first: int = 90_000, **more: Any) -> list[dict[str, Any]]:
    """So many tickets of one cell within the last complete week."""
    return [a_ticket(first + n, DAY - timedelta(days=1 + n % 7), **more) for n in range(count)]
