"""What files are called: `<prefix>_<list code>_<yyyyMMddHH>.xlsx`, as the province's program wants it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hub.outbound.target import Target
from hub.outbound.ways import SFTP

HERE = timezone(timedelta(hours=8))


def name_for(target: Target, known: frozenset[str], now: datetime | None = None) -> str | None:
    """The name that a delivery's files have in common, `<yyyyMMddHH>`, or with `-2` behind it where this
    hour has one already; None where a way has no files."""
    if target.way != SFTP:
        return None
    hour = (now or datetime.now(UTC)).astimezone(HERE).strftime("%Y%m%d%H")
    name, number = hour, 1
    while name in known:
        number += 1
        name = f"{hour}-{number}"
    return name


def file_name(target: Target, part: str, name: str) -> str:
    """The workbook of one part; `list_codes:` of the target says what a part is called."""
    code = target.options.get("list_codes", {}).get(part)
    if code is None:
        code = target.table.list_code + (f"-{part}" if part else "")
    return f"{target.options['prefix']}_{code}_{name}.xlsx"
