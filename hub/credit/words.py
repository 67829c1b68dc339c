"""What people write beside a decision: wanted, and not endless."""

from __future__ import annotations

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue

MOST = 2000  # characters


def check_text(name: str, text: str | None, most: int = MOST) -> str:
    """The text without blanks around it; raises Misdeclared (credit_appeal_words)."""
    told = (text or "").strip()
    if not told or len(told) > most:
        words = {"field": name, "most": str(most)}
        raise Misdeclared(Issue("credit_appeal_words", field=name, value=name, params=words))
    return told
