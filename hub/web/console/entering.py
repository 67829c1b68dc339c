"""The pages on which people come in: name and password, one-time code, invitation; and out again."""

from __future__ import annotations

import segno
from flask import Response, request, url_for

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.accounts import entering, invitation
from hub.accounts.one_time_code import address
from hub.accounts.sessions import Place
from hub.audit.acting import tell
from hub.database import look, write
from hub.web.console.console import PREFIX, Answer, Console, see
from hub.web.console.cookies import drop_token, keep_token, say
from hub.web.console.policy import ANYBODY, AT_CODE, AT_ENROL, SIGNED_IN
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

_LONGEST = 256  # characters of a name or password that are looked at


def add_entering(console: Console) -> None:
    """Put the pages on the console."""
    _add_password(console)
    _add_codes(console)
    _add_invitation(console)


def _add_password(console: Console) -> None:
    entrance = console.entrance

    @console.page("/sign-in", ANYBODY)
    def sign_in(_visit: Visit | None) -> Answer:
        return page("sign_in.html", after=request.args.get("next", ""), issue=None)

    @console.act("/sign-in", ANYBODY, "session.try")
    def try_password(_visit: Visit | None) -> Answer:
        person = request.form.get("person", "").strip().lower()[:_LONGEST]
        password = request.form.get("password", "")[:_LONGEST]
        after = request.form.get("next", "")
        try:
            token = entering.sign_in(entrance, person, password, _place())
        except Refused as error:
            status = 429 if error.issue.code == "guesses_too_many" else 401
            return page("sign_in.html", after=after, issue=error.issue), status
        return keep_token(Response(status=303, headers={"Location": _safe(after)}), token, PREFIX)

    @console.act("/sign-out", SIGNED_IN, "session.leave")
    def sign_out(visit: Visit) -> Answer:
        entering.leave(entrance, visit.session, visit.place)
        return drop_token(see("entering.sign_in"), PREFIX)


def _add_codes(console: Console) -> None:
    entrance = console.entrance

    @console.page("/code", AT_CODE)
    def code(_visit: Visit) -> Answer:
        return page("code.html", issue=None)

    @console.act("/code", AT_CODE, "session.confirm")
    def confirm_code(visit: Visit) -> Answer:
        try:
            return _confirmed(visit)
        except Refused as error:
            return page("code.html", issue=error.issue), 401

    @console.page("/enrol", AT_ENROL)
    def enrol(visit: Visit) -> Answer:
        return _offered(visit, None)

    @console.act("/enrol", AT_ENROL, "session.enrol")
    def confirm_enrolment(visit: Visit) -> Answer:
        try:
            return _confirmed(visit)
        except Refused as error:
            return _offered(visit, error.issue), 401

    def _offered(visit: Visit, issue: Issue | None) -> str:
        secret = entering.offer_secret(entrance, visit.session)
        issuer = speech(console).text("Exchange hub")
        picture = segno.make(address(secret, visit.person, issuer), error="m")
        data = picture.svg_data_uri(scale=5, border=2)
        return page("enrol.html", picture=data, secret=secret, issue=issue)

    def _confirmed(visit: Visit) -> Response:
        given = request.form.get("code", "")[:_LONGEST]
        token = entering.confirm(entrance, visit.session, given, visit.place)
        return keep_token(see("home.workbench"), token, PREFIX)


def _add_invitation(console: Console) -> None:
    @console.page("/invitation/<token>", ANYBODY)
    def invited(_visit: Visit | None, token: str) -> Answer:
        with look(console.engine) as connection:
            person = invitation.invited(connection, token)
        return page("invitation.html", token=token, person=person, issue=None)

    @console.act("/invitation/<token>", ANYBODY, "account.password")
    def choose_password(_visit: Visit | None, token: str) -> Answer:
        password = request.form.get("password", "")
        with look(console.engine) as connection:
            person = invitation.invited(connection, token)
        try:
            _check_same(password, request.form.get("again", ""))
            tell(person=person)
            with write(console.engine) as connection:
                invitation.accept(connection, token, password)
        except Misdeclared as error:
            values = {"token": token, "person": person, "issue": error.issue}
            return page("invitation.html", **values), 400
        say(speech(console).text("Your password is set. Sign in with it."))
        return see("entering.sign_in")


def _check_same(password: str, again: str) -> None:
    if password != again:
        raise Misdeclared(Issue("password_other"))


def _place() -> Place:
    return Place.of(request.remote_addr, request.user_agent.string)


def _safe(after: str) -> str:
    """A page of this console, whatever was asked for: never another site (// and /\\ lead to one)."""
    plain = after.replace("\\", "/")
    inside = plain.startswith(f"{PREFIX}/") or (
        plain.startswith("/") and not plain.startswith("//")
    )
    if not inside or any(ord(c) < 0x20 for c in plain):
        return url_for("home.workbench")
    return plain if plain.startswith(f"{PREFIX}/") else PREFIX + plain
