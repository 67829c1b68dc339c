"""An alert in words: a letter, a robot's message, and JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.monitoring.alert_rules import GROWN, NEW, OVER, STILL
from hub.monitoring.redaction import clean

EVENTS = {NEW: "新故障", GROWN: "加重", STILL: "仍未恢复", OVER: "已恢复"}
EVENTS_EN = {NEW: "new", GROWN: "grown", STILL: "not over", OVER: "over"}
MOST = 20  # changes that one message tells; the rest is counted
WECOM_BYTES, DINGTALK_BYTES = 4_096, 18_000  # of a markdown text, as the robots take it
# What a robot would take for a tag, a link or a heading of its own.
_PLAIN = str.maketrans(
    {"<": "＜", ">": "＞", "[": "［", "]": "］", "`": "'", "#": "＃", "*": "＊"}
)

Told = Sequence[Mapping[str, Any]]  # as `alert_book.content_of` gives them


def title(place: str, told: Told) -> str:
    """One line that says how many."""
    worst = [one for one in told if one["event"] != OVER]
    words = f"{len(worst)} 项故障" if worst else f"{len(told)} 项已恢复"
    return clean(f"{place}交换枢纽：{words}" if place else f"交换枢纽：{words}")


def letter(told: Told) -> str:
    """Plain text in both languages."""
    parts = [
        f"【{EVENTS[one['event']]} / {EVENTS_EN[one['event']]}】{one['part']} {one['name']}\n"
        f"{clean(one['message'])}\n{clean(one['message_en'])}\n自 / since {one['since']}"
        for one in told[:MOST]
    ]
    return "\n\n".join([*parts, *_rest(told)])


def markdown(place: str, told: Told, most: int) -> str:
    """For robots, in Chinese, of at most so many bytes of UTF-8."""
    lines = [f"**{title(place, told).translate(_PLAIN)}**"]
    for one in told[:MOST]:
        said = clean(str(one["message"])).translate(_PLAIN)
        lines.append(f"> {EVENTS[one['event']]}：{said}（自 {one['since'][:16]}）")
    lines += _rest(told)
    while len("\n\n".join(lines).encode()) > most:
        lines = [*lines[:-2], "……"]
    return "\n\n".join(lines)


def _rest(told: Told) -> list[str]:
    more = len(told) - MOST
    return [f"另有 {more} 项 / and {more} more"] if more > 0 else []
