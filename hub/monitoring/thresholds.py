"""From where on something is a warning, and from where on a fault: for the status, the alerts and the doctor."""

from __future__ import annotations

from hub.monitoring.line import FAULT, OK, WARNING

GIB = 1 << 30
LOW, FULL = (0.15, 10 * GIB), (0.05, GIB)  # below both the share and the bytes
NO_ROOM = GIB // 4  # below which writing fails soon, however small the disk is
LASTING = 30  # days for which the room should do
SOON, AT_ONCE = 30, 7  # days before something ends
OLD, TOO_OLD = 26, 72  # hours since a backup that is made daily


def of_room(free: int, size: int, lasts: int | None = None) -> str:
    """Of a disk with `free` of `size` bytes, whose room is used up in `lasts` days as it looks."""
    share = free / size if size else 0
    full, low = (share < part and free < least for part, least in (FULL, LOW))
    if full or free < NO_ROOM:
        return FAULT
    return WARNING if low or (lasts is not None and lasts < LASTING) else OK


def of_end(days: int, soon: int = SOON) -> str:
    """Of what ends in so many days: a certificate, the calendar of working days."""
    return FAULT if days <= AT_ONCE else WARNING if days <= soon else OK


def of_backup(hours: float) -> str:
    """Of a newest backup that is so old."""
    return FAULT if hours > TOO_OLD else WARNING if hours > OLD else OK
