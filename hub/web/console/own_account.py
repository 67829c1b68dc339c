"""One's own account, for everyone: the password, sessions elsewhere, one-time codes."""

from __future__ import annotations

import segno
from flask import request

from exchange_schemas.errors import HubError, Misdeclared
from exchange_schemas.issue import Issue
from hub.accounts import own, seen
from hub.accounts.one_time_code import address
from hub.database import look, write
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.policy import SIGNED_IN
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

_LONGEST = 256  # characters of a password or code that are looked at


def add_own_account(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_page(console)
    _add_codes(console)


def _add_page(console: Console) -> None:
    @console.page("/me", SIGNED_IN)
    def show(visit: Visit) -> Answer:
        return _shown(console, visit, None)

    @console.act("/me/password", SIGNED_IN, "own.password")
    def password(visit: Visit) -> Answer:
        new = _given("password")
        try:
            if new != _given("again"):
                raise Misdeclared(Issue("password_other"))
            proof = (_given("old"), _given("code"))
            own.change_password(console.entrance, visit.session, visit.place, *proof, new)
        except HubError as error:
            return _refused(console, visit, "own.password", error), 409
        say(speech(console).text("Your password is changed; your other sessions are ended."))
        return see("own_account.show")

    @console.act("/me/sessions", SIGNED_IN, "own.sessions")
    def end_others(visit: Visit) -> Answer:
        with write(console.engine) as connection:
            own.end_others(connection, visit.session)
        say(speech(console).text("Your other sessions are ended."))
        return see("own_account.show")


def _add_codes(console: Console) -> None:
    entrance = console.entrance

    @console.act("/me/codes", SIGNED_IN, "own.codes_begin")
    def begin_codes(visit: Visit) -> Answer:
        try:
            own.begin_codes(entrance, visit.session, visit.place, _given("proof"))
        except HubError as error:
            return _refused(console, visit, "own.codes_begin", error), 409
        return see("own_account.codes")

    @console.page("/me/codes", SIGNED_IN)
    def codes(visit: Visit) -> Answer:
        return _offered(visit, None)

    @console.act("/me/codes/confirm", SIGNED_IN, "own.codes")
    def confirm_codes(visit: Visit) -> Answer:
        try:
            own.confirm_codes(entrance, visit.session, visit.place, _given("code"))
        except HubError as error:
            console.note_refusal("own.codes", error.issue)
            return _offered(visit, error.issue), 409
        say(speech(console).text("Your new one-time codes count from now on."))
        return see("own_account.show")

    def _offered(visit: Visit, issue: Issue | None) -> Answer:
        secret = own.pending_secret(entrance, visit.session)
        if secret is None:
            return see("own_account.show")
        told = address(secret, visit.person, speech(console).text("Exchange hub"))
        picture = segno.make(told, error="m").svg_data_uri(scale=5, border=2)
        return page("own_codes.html", picture=picture, secret=secret, issue=issue)


def _shown(console: Console, visit: Visit, issue: Issue | None) -> str:
    with look(console.engine) as connection:
        sessions = seen.open_sessions(connection, visit.person)
    roles = sorted(visit.roles)
    return page("own_account.html", sessions=sessions, roles=roles, issue=issue)


def _refused(console: Console, visit: Visit, act: str, error: HubError) -> str:
    console.note_refusal(act, error.issue)
    return _shown(console, visit, error.issue)


def _given(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST]
