"""What the kinds and states of filings are called, in the page's language."""

from __future__ import annotations

from publisher.filings import CORRECTION, OBJECTION, REPAIR
from publisher.portal.speech import text

STATES = {
    "received": "Received",
    "in_handling": "Being handled",
    "consent": "A third party is being asked",
    "granted": "Granted",
    "refused": "Refused",
    "answered": "Answered",
}


def titles_of_kinds() -> dict[str, str]:
    """kind → title."""
    return {
        CORRECTION: text("Correction"),
        OBJECTION: text("Objection"),
        REPAIR: text("Credit repair"),
    }


def about(kind: str) -> str:
    """When a kind is the right one."""
    return {
        CORRECTION: text(
            "For a record that says something else than the original document, or leaves something out."
        ),
        OBJECTION: text(
            "For a record about you that you hold to be wrong, or that shouldn't be public."
        ),
        REPAIR: text(
            "For who has met all obligations and made good the harm, and asks that publication ends early."
        ),
    }[kind]
