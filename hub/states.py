"""The states of a disclosure and every move between them, in one table.

The databases hold the same table as triggers (`state_guard`), so that a move that isn't in it
can't be stored by anybody. What each act needs is said here too: whose it is, and whether a reason
has to be given. The order of the law is in `docs/review-and-publish.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

# In the ledger, and not (yet) to be disclosed: the standard's `public_when` doesn't hold.
RECEIVED = "received"
BLOCKED = "blocked"  # the public view shows private data, or can't be made
REFUSED = "refused"  # a rule of law forbids publication
PENDING = "pending"  # waits for a reviewer
REVIEWED = "reviewed"  # waits for another person's approval
REJECTED = "rejected"  # a person refused to disclose this view
APPROVED = "approved"  # goes into the next release
SCHEDULED = "scheduled"  # goes into a release from a day on
PUBLISHED = "published"
CORRECTED = "corrected"  # public again with another view than at first
OBJECTED = "objected"  # public, and shown as under objection (异议处理中)
WITHDRAWN = "withdrawn"  # taken back, with a reason
EXPIRED = "expired"  # its term is over
REPAIRED = "repaired"  # its term was ended by credit repair

PUBLIC = (PUBLISHED, CORRECTED, OBJECTED)
CLEARED = (APPROVED, SCHEDULED)  # two people said yes, and no release has it yet
SHOWABLE = (*CLEARED, *PUBLIC)  # what a release may carry
ENDED = (WITHDRAWN, EXPIRED, REPAIRED)
STATES = (
    RECEIVED, BLOCKED, REFUSED, PENDING, REVIEWED, REJECTED, *CLEARED, *PUBLIC, *ENDED,
)  # fmt: skip

# Roles of people, each for a department (`people`); HUB acts by itself.
REVIEWER, APPROVER, HANDLER, HUB = "reviewer", "approver", "handler", "hub"
ROLES = ("submitter", REVIEWER, APPROVER, HANDLER)


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does to disclosures: from which states, to which state.

    `by` is the role that it takes; with `reason` a reason code has to be given, else it is `code`.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    by: str
    reason: bool = False
    code: str = ""


_BEFORE = (RECEIVED, BLOCKED, REFUSED, PENDING, REVIEWED, REJECTED, *CLEARED)
_OPEN = (*_BEFORE, *PUBLIC)

ACTS = (
    # What follows from a new revision, or from another view of the same.
    Act(
        "receive",
        (BLOCKED, REFUSED, PENDING, REVIEWED, REJECTED, *CLEARED),
        RECEIVED,
        HUB,
        code="not_yet",
    ),
    Act(
        "ask",
        (RECEIVED, BLOCKED, REFUSED, REJECTED, WITHDRAWN, EXPIRED),
        PENDING,
        HUB,
        code="to_review",
    ),
    Act("void", (REVIEWED, *CLEARED, *PUBLIC), PENDING, HUB, code="view_changed"),
    Act(
        "block",
        (*(s for s in _OPEN if s != BLOCKED), WITHDRAWN),
        BLOCKED,
        HUB,
        code="private_data",
    ),
    Act("refuse", tuple(s for s in _BEFORE if s != REFUSED), REFUSED, HUB, code="rule_forbids"),
    Act("take_back", _OPEN, WITHDRAWN, HUB, reason=True),
    # What people decide.
    Act("review", (PENDING,), REVIEWED, REVIEWER, code="examined"),
    Act("return", (REVIEWED,), PENDING, APPROVER, reason=True),
    Act("reject", (PENDING, REVIEWED), REJECTED, REVIEWER, reason=True),
    Act("approve", (REVIEWED,), APPROVED, APPROVER, code="released"),
    Act("approve_by_policy", (PENDING,), APPROVED, HUB, code="released"),
    Act("schedule", (APPROVED,), SCHEDULED, APPROVER, code="released"),
    Act("unschedule", (SCHEDULED,), APPROVED, APPROVER, code="released"),
    Act("withdraw", (*CLEARED, *PUBLIC), WITHDRAWN, APPROVER, reason=True),
    Act("object", (PUBLISHED, CORRECTED), OBJECTED, HANDLER, reason=True),
    Act("uphold", (OBJECTED,), PUBLISHED, HANDLER, reason=True),
    Act("repair", PUBLIC, REPAIRED, APPROVER, reason=True),
    # What a release and the calendar do.
    Act("publish", CLEARED, PUBLISHED, HUB, code="released"),
    Act("republish", CLEARED, CORRECTED, HUB, code="released"),
    Act("expire", (*CLEARED, *PUBLIC), EXPIRED, HUB, code="term_over"),
)

BY_NAME = {act.name: act for act in ACTS}
FIRST = (RECEIVED, PENDING, BLOCKED, REFUSED)  # what a disclosure may begin as


def moves() -> dict[str, tuple[str, ...]]:
    """state → the states to which something moves it, in the order of `STATES`."""
    pairs = {(source, act.target) for act in ACTS for source in act.sources}
    return {
        source: tuple(target for target in STATES if (source, target) in pairs)
        for source in STATES
    }
