"""Permanent addresses: those that feeds, citations and letters carry out of the portal."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from flask import current_app, request, url_for

from publisher.portal.settings import UNSAID, Settings

_SINCE = "2026"  # a day from which on the portal had its name (RFC 4151); it must never change


def settings() -> Settings:
    """What the portal says of itself."""
    found: Settings = current_app.config.get("SETTINGS", UNSAID)
    return found


def home_address() -> str:
    """The portal's address without a slash at its end: the one that is set, else the request's."""
    return settings().base_url or request.url_root.rstrip("/")


def permanent(endpoint: str, **values: Any) -> str:
    """The whole address of a page, on the host that the settings name."""
    return home_address() + url_for(endpoint, **values).removeprefix(request.script_root)


def tag(*parts: str) -> str:
    """A name that stays the same whatever becomes of the pages: a tag URI (RFC 4151)."""
    host = urlsplit(home_address()).hostname or "localhost"
    return f"tag:{host},{_SINCE}:{'/'.join(quote(part, safe='=') for part in parts)}"
