"""The words of the efficiency view: titles of its columns, and names for the codes in it.

The English titles are message ids; `locale/zh_CN/complaints.po` has the Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping

from exchange_schemas.codes import load_codes
from hub.scoreboard_words import Both, both, department_names

TITLES: Mapping[str, str] = {
    "department": "Department",
    "division": "Division",
    "category": "Category",
    "month": "Month",
    "tickets": "Tickets",
    "open": "Still open",
    "terms": "Duties due",
    "on_time": "Duties met on time",
    "on_time_rate": "On-time rate",
    "accept_median": "Days to decide, median",
    "accept_90": "Days to decide, 90 %",
    "close_median": "Days to close, median",
    "close_90": "Days to close, 90 %",
    "handed_back": "Handed back",
    "supervised": "Supervised",
    "why_overdue": "overdue",
    "why_handed_back": "handed back too often",
    "why_repeated": "same company again and again",
    "why_marked": "put on the list by hand",
    "state_unrouted": "no department yet",
    "state_assigned": "assigned",
    "state_handed_back": "handed back",
    "state_escalated": "waits for the supervisor",
    "state_accepted": "complaint accepted",
    "state_refused": "complaint refused",
    "state_decided": "report decided",
    "state_closed": "ticket closed",
    "state_withdrawn": "ticket withdrawn",
}
ACTS: Mapping[str, str] = {
    "take": "ticket taken",
    "assign": "assigned to a department",
    "decide_department": "department decided by the supervisor",
    "follow": "followed the ticket it was split from",
    "hand_back": "handed back",
    "accept": "complaint accepted",
    "refuse": "complaint refused",
    "decide": "report decided",
    "extend": "term extended",
    "close": "ticket closed",
    "tell": "told",
    "supervise": "put on the supervision list",
    "withdraw": "ticket withdrawn",
    "resume": "ticket sent again",
}
TERMS: Mapping[str, str] = {
    "acceptance": "acceptance or refusal",
    "mediation": "mediation",
    "telling": "telling who complained",
    "check": "checking the report",
    "closing": "closing",
}
NONE = "-"


def titled(name: str) -> Both:
    """The title of a column, a reason or a state, in both languages."""
    return both(TITLES[name])


def code_names(group: str, code: str) -> Both:
    """What a code of a group is called, in both languages; the code where it has no name."""
    if code == NONE:
        return both("not said")
    if group == "department":
        return department_names(code)
    if group == "division":
        found = load_codes("divisions").codes.get(code)
        return (found.title, found.title_en or found.title) if found else (code, code)
    return code, code


def shown_days(days: float | None) -> str:
    """Days as people read them; nothing of nothing is –."""
    return "–" if days is None else f"{days:.1f}"
