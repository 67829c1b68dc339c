"""Codes in words, for tables and choices."""

from __future__ import annotations

from exchange_schemas.codes import load_codes
from hub.web.exchange_site.speech import Speech


def titled(name: str, told: Speech) -> dict[str, str]:
    """Code → title, in the order of the list. Raises Misdeclared (codelist_unknown)."""
    codes = load_codes(name).codes
    return {code: (one.title if told.chinese else one.title_en) for code, one in codes.items()}
