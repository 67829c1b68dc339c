"""People coming in, for the security administrator: sessions, attempts, codes that have to be set up anew."""

from __future__ import annotations

from flask import request

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.accounts import account, guesses, seen, sessions
from hub.database import look, write
from hub.web.console.accounts_pages import not_own
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.policy import SECURITY_ONLY
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit


def add_coming_in(console: Console) -> None:
    """Put the pages and acts on the console."""
    _add_pages(console)
    _add_acts(console)


def _add_pages(console: Console) -> None:
    @console.page("/sessions", SECURITY_ONLY)
    def listing(_visit: Visit) -> Answer:
        with look(console.engine) as connection:
            found = seen.open_sessions(connection)
        return page("sessions.html", sessions=found, most=seen.MOST)

    @console.page("/attempts", SECURITY_ONLY)
    def attempts(_visit: Visit) -> Answer:
        wrong = "wrong" in request.args
        with look(console.engine) as connection:
            found = seen.attempts(connection, wrong=wrong)
        return page("attempts.html", attempts=found, wrong=wrong, most=seen.MOST)


def _add_acts(console: Console) -> None:
    @console.act("/people/<person>/reset-codes", SECURITY_ONLY, "codes.reset")
    def reset_codes(visit: Visit, person: str) -> Answer:
        not_own(visit, person)
        with write(console.engine) as connection:
            account.reset_codes(connection, person)
        say(speech(console).text("At the next sign-in the person sets up one-time codes anew."))
        return see("people_pages.show", person=person)

    @console.act("/people/<person>/forgive", SECURITY_ONLY, "guesses.forgive")
    def forgive(visit: Visit, person: str) -> Answer:
        not_own(visit, person)
        with write(console.engine) as connection:
            account.get(connection, person)
            guesses.forgive(connection, person)
        say(
            speech(console).text(
                "The wrong attempts are forgotten; the person may try again at once."
            )
        )
        return see("people_pages.show", person=person)

    @console.act("/people/<person>/end-sessions", SECURITY_ONLY, "session.end")
    def end_sessions(visit: Visit, person: str) -> Answer:
        not_own(visit, person)
        token = request.form.get("session", "")
        with write(console.engine) as connection:
            account.get(connection, person)
            if not token:
                account.end_sessions(connection, person, "security")
            elif any(one["token"] == token for one in seen.open_sessions(connection, person)):
                sessions.end(connection, token, "security")
            else:
                raise Misdeclared(Issue("session_unknown"))
        say(speech(console).text("Ended."))
        return see("people_pages.show", person=person)
