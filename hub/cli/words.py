"""What states are called in tables, where the word of the program has another meaning elsewhere."""

from __future__ import annotations

from hub.cli.context import Session
from hub.states import REFUSED

_STATES = {REFUSED: "not to be published by law"}


def state_name(session: Session, state: str) -> str:
    """A disclosure's state in the session's language."""
    return session.text(_STATES.get(state, state))
