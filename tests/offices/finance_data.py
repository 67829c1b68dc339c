"""Invented statistics: a bank's loans and deposits, month by month."""

from __future__ import annotations

from typing import Any

from hub.finance.periods import end_of
from hub.finance.series import DATASET

__all__ = ["DATASET", "a_value", "months"]
BANK = "91440900MA00000012"


def a_value(period: str, value: str, **more: Any) -> dict[str, Any]:
    """One month's loans of all banks of the city; `more` fields replace these, None leaves one out."""
    year, month = int(period[:4]), int(period[5:7])
    told = {
        "indicator_code": "DK001", "indicator_name": "各项贷款余额", "period": period,
        "period_to": str(end_of("month", year * 12 + month - 1)), "division_code": "440900",
        "org_type": "银行", "value": value, "unit": "亿元", "confidential_level": "公开", **more,
    }  # fmt: skip
    return {name: one for name, one in told.items() if one is not None}


def months(first: str, *values: str, **more: Any) -> list[dict[str, Any]]:
    """Values of months in a row."""
    begin = int(first[:4]) * 12 + int(first[5:7]) - 1
    return [
        a_value(f"{(begin + n) // 12}-{(begin + n) % 12 + 1:02}", value, **more)
        for n, value in enumerate(values)
    ]
