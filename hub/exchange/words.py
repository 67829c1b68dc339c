"""What the states of entries, refusals and grants are called. The English texts are message ids."""

from __future__ import annotations

from collections.abc import Mapping

from exchange_schemas.language import translate

WORDS: Mapping[str, str] = {
    "given": "given",
    "taken": "taken",
    "refused": "refused by the consumer",
    "erased": "erased",
    "deleted": "deleted by a later entry",
    "told": "told to stop using it",
    "confirmed": "confirmed that it stopped",
    "open": "to be answered",
    "answered": "answered",
    "settled": "settled",
    "page": "page",
    "segment": "sealed segment",
    "snapshot": "snapshot",
    "delivery": "delivery",
}
GRANTS: Mapping[str, str] = {
    "applied": "applied for",
    "granted": "granted",
    "refused": "application refused",
    "revoked": "revoked",
}


def word(locale: str, state: str) -> str:
    """A state of an entry or a refusal, or a kind of handing over, in a language."""
    return translate("hub", locale, WORDS.get(state, state))


def grant_word(locale: str, state: str) -> str:
    """A state of a grant, in a language."""
    return translate("hub", locale, GRANTS.get(state, state))
