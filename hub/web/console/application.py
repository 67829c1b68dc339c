"""The console as an application, to be mounted at `PREFIX`: its rooms, its errors, its headers."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, Response, g, request
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from exchange_schemas.errors import HubError, Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.accounts import sessions
from hub.accounts.sealing import cookie_key
from hub.database import write
from hub.site import Site
from hub.web.console import cookies, rendering
from hub.web.console.accounts_pages import add_accounts
from hub.web.console.analyses import add_analyses
from hub.web.console.associations import add_associations
from hub.web.console.audit_log import add_audit_log
from hub.web.console.bulk import add_bulk
from hub.web.console.coming_in import add_coming_in
from hub.web.console.complaint_findings import add_complaint_findings
from hub.web.console.complaint_tickets import add_complaint_tickets
from hub.web.console.complaints import add_complaints
from hub.web.console.computed_files import add_computed_files
from hub.web.console.connect import add_connect
from hub.web.console.consents import add_consents
from hub.web.console.console import PREFIX, WATCHING, Console
from hub.web.console.credit import add_credit
from hub.web.console.credit_appeals import add_credit_appeals
from hub.web.console.credit_versions import add_credit_versions
from hub.web.console.credit_warnings import add_credit_warnings
from hub.web.console.decisions import add_decisions
from hub.web.console.documents import add_documents
from hub.web.console.entering import add_entering
from hub.web.console.feed_jobs import add_feed_jobs
from hub.web.console.feeds import add_feeds
from hub.web.console.filings import add_filings
from hub.web.console.finance import add_finance
from hub.web.console.held import add_held
from hub.web.console.home import add_home
from hub.web.console.oidc import add_oidc
from hub.web.console.own_account import add_own_account
from hub.web.console.people_pages import add_people
from hub.web.console.plan import add_plan
from hub.web.console.policies import add_policies
from hub.web.console.prices import add_prices
from hub.web.console.quarantine import add_quarantine
from hub.web.console.queues import add_queues
from hub.web.console.recalls import add_recalls
from hub.web.console.record import add_record
from hub.web.console.repairs import add_repairs
from hub.web.console.risks import add_risks
from hub.web.console.runs import add_runs
from hub.web.console.standards import add_standards
from hub.web.console.status_page import add_status
from hub.web.console.subjects import add_subjects
from hub.web.console.trace import add_trace
from hub.web.console.unqualified import add_unqualified

logger = logging.getLogger(__name__)

ROOMS = (
    add_entering,
    add_home,
    add_queues,
    add_record,
    add_decisions,
    add_bulk,
    add_policies,
    add_feeds,
    add_feed_jobs,
    add_runs,
    add_held,
    add_quarantine,
    add_connect,
    add_filings,
    add_repairs,
    add_consents,
    add_standards,
    add_analyses,
    add_complaints,
    add_complaint_findings,
    add_complaint_tickets,
    add_credit,
    add_credit_warnings,
    add_credit_versions,
    add_credit_appeals,
    add_prices,
    add_risks,
    add_finance,
    add_computed_files,
    add_documents,
    add_associations,
    add_plan,
    add_trace,
    add_recalls,
    add_unqualified,
    add_subjects,
    add_own_account,
    add_accounts,
    add_people,
    add_coming_in,
    add_status,
    add_audit_log,
    add_oidc,
)
LARGEST_BODY = 2**26  # bytes: a sample of a feed that is handed in

# Nothing runs in a page, and no page is kept, framed or told to another site.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_STATUS = {
    "door_closed": HTTPStatus.FORBIDDEN,
    "form_stale": HTTPStatus.FORBIDDEN,
    "role_missing": HTTPStatus.FORBIDDEN,
    "session_over": HTTPStatus.UNAUTHORIZED,
    "sign_in_wrong": HTTPStatus.UNAUTHORIZED,
    "code_wrong": HTTPStatus.UNAUTHORIZED,
    "guesses_too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "identity_wrong": HTTPStatus.UNAUTHORIZED,
    "identity_away": HTTPStatus.SERVICE_UNAVAILABLE,
}


def create_console(site: Site, engine: Engine) -> Console:
    """The console of a site. Raises Misdeclared (console_setting_wrong), Refused
    (consumer_secret_unreadable)."""
    app = Flask("hub.web.console", static_folder="static", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    console = Console(app, site, engine)
    cookies.set_up(app, PREFIX, cookie_key(site.keys))
    _ = console.entrance  # wrong settings are told now
    app.before_request(console.admit)
    rendering.set_up(app, console)
    for add in ROOMS:
        add(console)
    _add_errors(console)
    app.after_request(lambda response: _finish(console, response))
    return console


def _add_errors(console: Console) -> None:
    def told(issue: Issue, status: HTTPStatus) -> tuple[str, int]:
        return rendering.page("error.html", issue=issue, status=status), int(status)

    def known(error: HubError) -> tuple[str, int]:
        return told(error.issue, status_of(error))

    def http(error: HTTPException) -> tuple[str, int] | HTTPException:
        status = HTTPStatus(error.code or 500)
        if status < HTTPStatus.BAD_REQUEST:
            return error
        code = "page_missing" if status == HTTPStatus.NOT_FOUND else "request_wrong"
        return told(Issue(code, params={"status": str(int(status))}), status)

    def away(error: OperationalError) -> tuple[str, int]:
        logger.warning("database not reached: %s", type(error.orig).__name__)
        return told(Issue("database_away"), HTTPStatus.SERVICE_UNAVAILABLE)

    def broken(error: Exception) -> tuple[str, int]:
        kind = type(error.orig if isinstance(error, DBAPIError) and error.orig else error).__name__
        logger.error("console: %s", kind)  # its text may quote a record
        return told(Issue("page_broken"), HTTPStatus.INTERNAL_SERVER_ERROR)

    console.app.register_error_handler(HubError, known)
    console.app.register_error_handler(HTTPException, http)
    console.app.register_error_handler(OperationalError, away)
    console.app.register_error_handler(Exception, broken)


def status_of(error: HubError) -> HTTPStatus:
    """The status of a page that tells of an error."""
    code = error.issue.code
    if code in _STATUS:
        return _STATUS[code]
    if code.endswith("_unknown"):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, Refused):
        return HTTPStatus.CONFLICT
    if isinstance(error, Misdeclared):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.SERVICE_UNAVAILABLE


def _finish(console: Console, response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html":
        cookies.keep_language(response, PREFIX)
    visit = g.get("visit")
    watching = WATCHING in request.args  # a page that asks again by itself keeps no session alive
    if visit is not None and not watching and sessions.should_touch(visit.session):
        try:
            with write(console.engine) as connection:
                sessions.touch(connection, visit.session)
        except OperationalError:  # somebody writes for long; the next request tells it
            pass
    return response
