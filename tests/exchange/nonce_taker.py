"""Takes nonces in a process of its own."""

from __future__ import annotations

from hub.consumers.nonces import take_nonce
from hub.database import connect, write


def take_all(url: str, names: list[str], until: int) -> list[str]:
    """Which of the nonces were new."""
    engine = connect(url)
    won = []
    for name in names:
        with write(engine) as connection:
            if take_nonce(connection, "1", name, until):
                won.append(name)
    engine.dispose()
    return won
