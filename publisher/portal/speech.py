"""Which language a page speaks: Simplified Chinese, or English once a reader asks for it."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, g, request, url_for

from exchange_schemas.language import DEFAULT_LOCALE, LOCALES, translate

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")

COOKIE = "lang"
_SHORT = {"zh": "zh_CN", "en": "en"}
_YEAR = 365 * 24 * 3600

# What a page's address may carry into its twin in the other language. Nothing else is taken over:
# the builder of addresses has words of its own (_method, _scheme), which a reader could set.
_KEPT = (
    "q", "dataset", "department", "county", "kind", "since", "until", "after", "page", "day", "days",
    "code",
)  # fmt: skip
_LONGEST = 100  # characters of each


def choose() -> None:
    """Set the request's locale: `?lang=` first, then the cookie, else Chinese."""
    asked = _SHORT.get(request.args.get("lang", ""))
    kept = request.cookies.get(COOKIE, "")
    g.asked = asked
    g.locale = asked or (kept if kept in LOCALES else DEFAULT_LOCALE)


def remember(response: Response) -> None:
    """Say which language the page has, and keep the one that the reader has just asked for."""
    response.content_language.add("en" if g.get("locale") == "en" else "zh-CN")
    if g.get("asked"):
        response.headers["Cache-Control"] = "private, no-store"  # the cookie is this reader's
        response.set_cookie(COOKIE, g.asked, max_age=_YEAR, httponly=True, samesite="Lax")


def text(message: str, **values: object) -> str:
    """`message` (its English text) in the request's language, with the words in braces filled."""
    spoken = translate("publisher", g.get("locale", DEFAULT_LOCALE), message)
    return spoken.format(**values) if values else spoken


def tongue(value: object) -> str:
    """The `lang` of a text from the data, which is mostly Chinese, on an English page too.

    Screen readers and the choice of fonts go by it.
    """
    chinese = g.get("locale") != "en" or _HAN.search(str(value or ""))
    return "zh-CN" if chinese else "en"


def words() -> dict[str, Any]:
    """What every template may use."""
    chinese = g.get("locale", DEFAULT_LOCALE) == "zh_CN"
    return {
        "_": text,
        "tongue": tongue,
        "colon": "：" if chinese else ": ",
        "chinese": chinese,
        "lang": "zh-CN" if chinese else "en",
        "other_language": _same_page("en" if chinese else "zh"),
    }


def _same_page(lang: str) -> str:
    """This page's address in another language."""
    kept = {name: request.args[name][:_LONGEST] for name in _KEPT if name in request.args}
    arguments = {**kept, **(request.view_args or {}), "lang": lang}
    return url_for(request.endpoint or "pages.home", **arguments)
