"""Share types: what may be granted to whom, at once or on application, and until when it is answered.

无条件共享 is granted at once. 有条件共享 is applied for with a purpose and a legal basis, and the
department that owns the data decides. 不予共享 isn't shared. The types and that applications are
answered in set times: 政务数据共享条例 (国务院令第809号, in force since 2025-08-01), 政务信息资源共享
管理暂行办法 (国发〔2016〕51号). The numbers of working days are one local rule's, because the articles
of the regulation that set them weren't at hand: a site sets its own in `law/settings.yml`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import polars as pl

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.law_rules import Law
from exchange_schemas.standard import Standard

PUBLIC = "public"


class Way(StrEnum):
    """How a grant comes about."""

    AT_ONCE = "at_once"
    ON_APPLICATION = "on_application"


def way_of(standard: Standard, audience: str) -> Way:
    """How this audience's view of a dataset is granted.

    The public's view is granted at once, whatever the share type: it has nothing but what releases
    show to everybody. Raises Refused: not_shared for a dataset that isn't shared, not_public for
    the public's view of a dataset of which nothing is ever released.
    """
    if audience == PUBLIC:
        if not standard.public:
            raise Refused(Issue("not_public", value=standard.dataset))
        return Way.AT_ONCE
    if standard.share_type == "none":
        raise Refused(Issue("not_shared", value=standard.dataset))
    return Way.AT_ONCE if standard.share_type == "unconditional" else Way.ON_APPLICATION


def owner_on(standard: Standard, day: date) -> str:
    """The department that decides on applications that day: the accountable owner of the data."""
    owners = [one for one in standard.owners if one.role == "owner" and one.valid_on(day)]
    return owners[-1].department if owners else standard.department


def deadlines(law: Law, applied: date) -> tuple[str | None, str | None]:
    """The last days for a first look and for the answer; None beyond the known calendar."""
    days = (law.settings.grant_review_days, law.settings.grant_answer_days)
    begin = pl.Series([applied], dtype=pl.Date)
    review, answer = (law.calendar.add(begin, count).item() for count in days)
    return review and review.isoformat(), answer and answer.isoformat()
