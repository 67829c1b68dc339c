"""The states of a risk signal and every act between them, in one table.

The states are those of the standard `quality_risk_signal`: 待评估 → 评估中 → 处置中 → 已办结 or 不采信.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.states import APPROVER, HANDLER, REVIEWER

WAITING = "waiting"
ASSESSING = "assessing"
ACTING = "acting"
CLOSED = "closed"
DISMISSED = "dismissed"
STATES = (WAITING, ASSESSING, ACTING, CLOSED, DISMISSED)
OPEN = (WAITING, ASSESSING, ACTING)
#: The code of `risk_states` that each state is.
CODES: Mapping[str, str] = {
    WAITING: "待评估",
    ASSESSING: "评估中",
    ACTING: "处置中",
    CLOSED: "已办结",
    DISMISSED: "不采信",
}

TAKE = "take"  # the first step: a feed brought the signal, or somebody entered it
FIRST = STATES  # a feed may bring one that is dealt with


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does to a signal. `by` is the role that it takes, `needs` what has to be given.

    With `another` it takes somebody who had no part in what was done since the signal was opened.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    by: str
    needs: tuple[str, ...] = ("reason",)
    another: bool = False


ACTS = (
    Act("begin", (WAITING,), ASSESSING, REVIEWER, needs=()),
    Act("assess", (WAITING, ASSESSING, ACTING), ACTING, REVIEWER, ("severity", "likelihood", "reason")),
    Act("record", (ACTING,), ACTING, HANDLER, ("reason",)),
    Act("close", (ACTING,), CLOSED, APPROVER, another=True),
    Act("dismiss", (ASSESSING,), DISMISSED, APPROVER, another=True),
    Act("reopen", (CLOSED, DISMISSED), WAITING, REVIEWER),
)  # fmt: skip
BY_NAME = {act.name: act for act in ACTS}
#: Acts whose actor may not close the signal.
PARTS = ("begin", "assess", "record")


def moves() -> list[tuple[str, str, str]]:
    """(act, state before, state after) of everything that can happen after the beginning."""
    return [(act.name, source, act.target) for act in ACTS for source in act.sources]
