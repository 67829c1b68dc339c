"""Signing in by the identity provider: away to it with a fresh state, and back with its word.

What was begun is kept sealed in a cookie of its own: the console's other cookies aren't sent along when
another site leads here. It is good once, for a few minutes, and only at this browser.
"""

from __future__ import annotations

import hmac
import json
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, redirect, request, url_for

from exchange_schemas.errors import HubError, Refused
from hub.accounts.entering import enter_by_identity
from hub.accounts.sealing import seal, unseal
from hub.accounts.sessions import Place
from hub.web.console.console import PREFIX, Answer, Console
from hub.web.console.cookies import keep_token
from hub.web.console.identity import Identity, Provider, wrong
from hub.web.console.policy import ANYBODY
from hub.web.console.rendering import page
from hub.web.console.visit import Visit

COOKIE = "console_identity"
PATH = f"{PREFIX}/identity"
MINUTES = 10  # that somebody may take at the provider
ACT = "session.enter"
T = TypeVar("T")
_LONGEST = 4096  # characters of what comes back


def add_oidc(console: Console) -> None:
    """Put the pages on the console, where an identity provider is set; raises Misdeclared
    (console_setting_wrong)."""
    identity = Identity.read(os.environ)
    console.app.jinja_env.globals["identity_provider"] = identity is not None
    if identity is None:
        return
    provider = Provider(identity)

    @console.page("/identity/enter", ANYBODY)
    def enter(_visit: Visit | None) -> Answer:
        begun = _told(console, lambda: provider.begin(_back()))
        kept: dict[str, Any] = {**begun, "until": time.time() + MINUTES * 60}
        response = redirect(kept.pop("url"))
        response.set_cookie(
            COOKIE, seal(console.site.keys, json.dumps(kept)), path=PATH, max_age=MINUTES * 60,
            httponly=True, samesite="Lax", secure=request.is_secure,
        )  # fmt: skip
        return response

    @console.page("/identity/returned", ANYBODY)
    def returned(_visit: Visit | None) -> Answer:
        try:
            person = _told(console, lambda: _person(console, provider))
            place = Place.of(request.remote_addr, request.user_agent.string)
            token = enter_by_identity(console.entrance, person, place)
        except HubError as error:
            answer = page("sign_in.html", after="", issue=error.issue)
            return _forget(Response(answer, status=401))
        # A page that leads on by itself: the new cookie isn't sent to where another site leads.
        return _forget(keep_token(Response(page("identity_returned.html")), token, PREFIX))


def _person(console: Console, provider: Provider) -> str:
    begun = _begun(console)
    state, code = (request.args.get(name, "")[:_LONGEST] for name in ("state", "code"))
    if not hmac.compare_digest(state.encode(), begun["state"].encode()):
        raise wrong("state")
    if "error" in request.args or not code:
        raise wrong("code")
    return provider.person(_back(), code, begun)


def _begun(console: Console) -> dict[str, str]:
    """What this browser began; raises Refused (identity_wrong)."""
    try:
        kept: dict[str, str] = json.loads(
            unseal(console.site.keys, request.cookies.get(COOKIE, ""))
        )
    except Refused:
        raise wrong("state") from None
    if float(kept["until"]) < time.time():
        raise wrong("time")
    return kept


def _told(console: Console, ask: Callable[[], T]) -> T:
    """What is refused is noted in the audit log."""
    try:
        return ask()
    except HubError as error:
        console.note_refusal(ACT, error.issue)
        raise


def _back() -> str:
    return url_for("oidc.returned", _external=True)


def _forget(response: Response) -> Response:
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Lax")
    return response
