"""The states of a case transfer and every act between them, in one table.

After 行政执法机关移送涉嫌犯罪案件的规定 (State Council order 310, as amended in 2020). The database holds the
same table (`hub.transfers.tables`), so that a step that isn't in it can't be stored by anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

DRAFTED = "drafted"
REPORTED = "reported"  # waits for the head of the department
DISAPPROVED = "disapproved"  # the head decided not to transfer, with reasons
APPROVED = "approved"
TRANSFERRED = "transferred"
RECEIVED = "received"  # the addressee signed the receipt
ACCEPTED = "accepted"
RETURNED = "returned"  # something is missing
REFUSED = "refused"  # not the addressee's; it says whose
FILED = "filed"  # 立案
NOT_FILED = "not_filed"  # 不予立案
RECONSIDERING = "reconsidering"  # 复议
UPHELD = "upheld"  # not filed after reconsideration either
SUPERVISED = "supervised"  # the procuratorate was asked to supervise
EXPLAINING = "explaining"  # it asked the police for reasons
EXPLAINED = "explained"
ORDERED = "ordered"  # it told the police to file
DISMISSED = "dismissed"  # it holds the refusal to be right
HANDED_OVER = "handed_over"  # goods and material are with the police
CONCLUDED = "concluded"  # prosecuted, judged, or dropped
WITHDRAWN = "withdrawn"  # by the department, before it went out

STATES = (
    DRAFTED, REPORTED, DISAPPROVED, APPROVED, TRANSFERRED, RECEIVED, ACCEPTED, RETURNED, REFUSED,
    FILED, NOT_FILED, RECONSIDERING, UPHELD, SUPERVISED, EXPLAINING, EXPLAINED, ORDERED, DISMISSED,
    HANDED_OVER, CONCLUDED, WITHDRAWN,
)  # fmt: skip
EDITABLE = (DRAFTED, RETURNED)  # only then the case may be written
UNSENT = (DRAFTED, REPORTED, DISAPPROVED, APPROVED, WITHDRAWN)  # nobody but the sender sees it
SENT = tuple(state for state in STATES if state not in UNSENT)
ENDED = (DISAPPROVED, REFUSED, DISMISSED, CONCLUDED, WITHDRAWN)

# Whose act it is. A head is an approver of the department; a desk is a handler.
SENDER, SENDER_HEAD, ADDRESSEE, PROCURATORATE = (
    "sender", "sender_head", "addressee", "procuratorate",
)  # fmt: skip
SIDES = (SENDER, SENDER_HEAD, ADDRESSEE, PROCURATORATE)


@dataclass(frozen=True, slots=True)
class Act:
    """`target` None keeps the state. What has to be given: `reason`, `doc_no`, `result`."""

    name: str
    sources: tuple[str, ...]
    target: str | None
    by: tuple[str, ...]
    reason: bool = False
    doc_no: bool = False
    result: bool = False

    def after(self, state: str) -> str:
        """The state that follows."""
        return self.target or state


ACTS = (
    Act("report", (DRAFTED,), REPORTED, (SENDER,)),
    Act("approve", (REPORTED,), APPROVED, (SENDER_HEAD,)),
    Act("disapprove", (REPORTED,), DISAPPROVED, (SENDER_HEAD,), reason=True),
    Act("send", (APPROVED,), TRANSFERRED, (SENDER,), doc_no=True),
    Act("withdraw", (DRAFTED, REPORTED, APPROVED), WITHDRAWN, (SENDER,), reason=True),
    Act("receive", (TRANSFERRED,), RECEIVED, (ADDRESSEE,)),
    Act("accept", (RECEIVED,), ACCEPTED, (ADDRESSEE,)),
    Act("return", (RECEIVED,), RETURNED, (ADDRESSEE,), reason=True),
    Act("supplement", (RETURNED,), TRANSFERRED, (SENDER,)),
    Act("refuse", (RECEIVED,), REFUSED, (ADDRESSEE,), reason=True),
    Act(
        "file",
        (ACCEPTED, RECONSIDERING, SUPERVISED, EXPLAINING, EXPLAINED, ORDERED),
        FILED,
        (ADDRESSEE,),
        doc_no=True,
    ),
    Act("decline", (ACCEPTED,), NOT_FILED, (ADDRESSEE,), reason=True, doc_no=True),
    Act("reconsider", (NOT_FILED,), RECONSIDERING, (SENDER,), reason=True),
    Act("uphold", (RECONSIDERING,), UPHELD, (ADDRESSEE,), reason=True, doc_no=True),
    Act("copy", SENT, None, (SENDER,)),
    Act("propose", (NOT_FILED, UPHELD), SUPERVISED, (SENDER,), reason=True),
    Act("ask", (SUPERVISED,), EXPLAINING, (PROCURATORATE,), doc_no=True),
    Act("explain", (EXPLAINING,), EXPLAINED, (ADDRESSEE,), reason=True),
    Act("order", (EXPLAINING, EXPLAINED), ORDERED, (PROCURATORATE,), reason=True, doc_no=True),
    Act("dismiss", (SUPERVISED, EXPLAINED), DISMISSED, (PROCURATORATE,), reason=True),
    Act("hand_over", (FILED,), HANDED_OVER, (SENDER,)),
    Act(
        "result",
        (FILED, HANDED_OVER, CONCLUDED),
        CONCLUDED,
        (ADDRESSEE, PROCURATORATE),
        doc_no=True,
        result=True,
    ),
)
BY_NAME = {act.name: act for act in ACTS}
BEGIN = "draft"  # the act of the first step, from no state


def moves() -> list[tuple[str, str, str]]:
    """(act, state before, state after) of everything that can happen after the beginning."""
    return [(act.name, source, act.after(source)) for act in ACTS for source in act.sources]
