"""The console's cookies: the session's token, and what a page says once on the next page."""

from __future__ import annotations

from flask import Flask, Response, flash, request

from exchange_schemas.language import DEFAULT_LOCALE, LOCALES

TOKEN = "console"  # noqa: S105 - a name
LANGUAGE = "console_lang"
_SHORT = {"zh": "zh_CN", "en": "en"}
_YEAR = 365 * 24 * 3600


def set_up(app: Flask, path: str, key: bytes) -> None:
    """Let the application say something once; its cookies go to nobody but the console."""
    app.secret_key = key
    app.config.update(
        SESSION_COOKIE_NAME="console_said",
        SESSION_COOKIE_PATH=path,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
    )


def keep_token(response: Response, token: str, path: str) -> Response:
    """Give the browser its token; over TLS only, where the page came over TLS."""
    response.set_cookie(
        TOKEN, token, path=path, httponly=True, samesite="Strict", secure=request.is_secure
    )
    return response


def drop_token(response: Response, path: str) -> Response:
    """Take the token from the browser."""
    response.delete_cookie(TOKEN, path=path, httponly=True, samesite="Strict")
    return response


def say(text: str) -> None:
    """Tell the person something at the top of the next page."""
    flash(text)


def locale() -> str:
    """The language of this request: `?lang=` first, then the cookie, else Chinese."""
    asked = _SHORT.get(request.args.get("lang", ""))
    kept = request.cookies.get(LANGUAGE, "")
    return asked or (kept if kept in LOCALES else DEFAULT_LOCALE)


def keep_language(response: Response, path: str) -> None:
    """Keep the language that was just asked for."""
    asked = _SHORT.get(request.args.get("lang", ""))
    if asked:
        response.set_cookie(
            LANGUAGE, asked, path=path, max_age=_YEAR, httponly=True, samesite="Lax"
        )
