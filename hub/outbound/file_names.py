"""What files are called: `<prefix>_<list code>_<yyyyMMddHH>.xlsx`, as the province's program wants it."""

from __future__ import annotations

from datetime import UTC, datetime

from exchange_schemas.days import HERE
from hub.outbound.target import Target


def hour(now: datetime | None = None) -> str:
    """`<yyyyMMddHH>`, in China."""
    return (now or datetime.now(UTC)).astimezone(HERE).strftime("%Y%m%d%H")


def name_for(now: str, known: frozenset[str]) -> str:
    """The name that a delivery's files have in common: the hour `now`, or with `-2` behind it where it is
    `known` already."""
    name, number = now, 1
    while name in known:
        number += 1
        name = f"{now}-{number}"
    return name


def file_name(target: Target, part: str, name: str) -> str:
    """The workbook of one part; `list_codes:` of the target says what a part is called."""
    code = target.options.get("list_codes", {}).get(part)
    if code is None:
        code = target.table.list_code + (f"-{part}" if part else "")
    return f"{target.options['prefix']}_{code}_{name}.xlsx"
