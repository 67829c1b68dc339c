"""The states of a ticket of the complaint platform, and every act between them, in one table."""

from __future__ import annotations

from dataclasses import dataclass

UNROUTED = "unrouted"  # no rule names a department: the dispatcher decides
ASSIGNED = "assigned"
HANDED_BACK = "handed_back"  # not theirs, they say: the dispatcher decides
ESCALATED = "escalated"  # handed back too often: the supervisor decides
ACCEPTED = "accepted"  # 受理
REFUSED = "refused"  # 不予受理
DECIDED = "decided"  # a report was checked: a case opened or not
CLOSED = "closed"
WITHDRAWN = "withdrawn"  # the platform took the ticket back

STATES = (
    UNROUTED, ASSIGNED, HANDED_BACK, ESCALATED, ACCEPTED, REFUSED, DECIDED, CLOSED, WITHDRAWN,
)  # fmt: skip
OPEN = (UNROUTED, ASSIGNED, HANDED_BACK, ESCALATED, ACCEPTED, DECIDED)

COMPLAINT, REPORT = "投诉", "举报"
KINDS = (COMPLAINT, REPORT, "行政效能投诉", "咨询", "建议")
OTHER = "其他"  # a ticket that doesn't say what it is

# Whose act it is.
HUB, DISPATCHER, DEPARTMENT, SUPERVISOR = "hub", "dispatcher", "department", "supervisor"


@dataclass(frozen=True, slots=True)
class Act:
    """`targets`: the states that may follow; empty: the state stays. `kinds`: empty for all.

    What has to be given: `reason`, `ground` (why a complaint is refused), `decision`, `result`.
    """

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    by: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


ACTS = (
    Act("assign", (UNROUTED, HANDED_BACK), (ASSIGNED,), (DISPATCHER, SUPERVISOR)),
    Act("decide_department", (ESCALATED,), (ASSIGNED,), (SUPERVISOR,)),
    Act("follow", (UNROUTED, ASSIGNED), (ASSIGNED,), (HUB,)),
    Act("hand_back", (ASSIGNED,), (HANDED_BACK, ESCALATED), (DEPARTMENT,), needs=("reason",)),
    Act("accept", (ASSIGNED,), (ACCEPTED,), (DEPARTMENT,), (COMPLAINT,)),
    Act("refuse", (ASSIGNED,), (REFUSED,), (DEPARTMENT,), (COMPLAINT,), ("ground", "reason")),
    Act("decide", (ASSIGNED,), (DECIDED,), (DEPARTMENT,), (REPORT,), ("decision", "reason")),
    Act("extend", (ASSIGNED,), (), (DEPARTMENT,), (REPORT,), ("reason",)),
    Act("close", (ASSIGNED, ACCEPTED, DECIDED), (CLOSED,), (DEPARTMENT,), needs=("reason",)),
    Act("tell", (DECIDED, REFUSED, CLOSED), (), (DEPARTMENT,)),
    Act("supervise", OPEN, (), (SUPERVISOR,), needs=("reason",)),
    Act("withdraw", OPEN, (WITHDRAWN,), (HUB,)),
    Act("resume", (WITHDRAWN,), (UNROUTED, ASSIGNED), (HUB,)),  # the platform sent it again
)
BY_NAME = {act.name: act for act in ACTS}
TAKE = "take"  # the act of the first step
FIRST = (UNROUTED, ASSIGNED, CLOSED)  # closed: the platform had closed it before the hub knew it

#: From which state each kind is closed: a complaint once accepted, a report once decided.
CLOSED_FROM = {COMPLAINT: (ACCEPTED,), REPORT: (DECIDED,)}


def moves() -> list[tuple[str, str, str]]:
    """(act, state before, state after) of everything that can happen after the beginning."""
    return [
        (act.name, source, target)
        for act in ACTS
        for source in act.sources
        for target in act.targets or (source,)
    ]
