"""Which language a page speaks: Simplified Chinese, or English once a reader asks for it."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, url_for

from exchange_schemas.language import DEFAULT_LOCALE, LOCALES, translate

COOKIE = "lang"
_SHORT = {"zh": "zh_CN", "en": "en"}
_YEAR = 365 * 24 * 3600


def choose() -> None:
    """Set the request's locale: `?lang=` first, then the cookie, else Chinese."""
    asked = _SHORT.get(request.args.get("lang", ""))
    kept = request.cookies.get(COOKIE, "")
    g.asked = asked
    g.locale = asked or (kept if kept in LOCALES else DEFAULT_LOCALE)


def remember(response: Response) -> None:
    """Keep the language that the reader has just asked for."""
    if g.get("asked"):
        response.set_cookie(COOKIE, g.asked, max_age=_YEAR, httponly=True, samesite="Lax")


def text(message: str, **values: object) -> str:
    """`message` (its English text) in the request's language, with the words in braces filled."""
    spoken = translate("publisher", g.get("locale", DEFAULT_LOCALE), message)
    return spoken.format(**values) if values else spoken


def words() -> dict[str, Any]:
    """What every template may use."""
    chinese = g.get("locale", DEFAULT_LOCALE) == "zh_CN"
    return {
        "_": text,
        "chinese": chinese,
        "lang": "zh-CN" if chinese else "en",
        "other_language": _same_page("en" if chinese else "zh"),
    }


def _same_page(lang: str) -> str:
    """This page's address in another language."""
    arguments = {**request.args.to_dict(), **(request.view_args or {}), "lang": lang}
    return url_for(request.endpoint or "pages.home", **arguments)
