"""The console's application: every route through one door, every act with its entry in the audit log."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, redirect, request, url_for

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import HubError, Refused
from exchange_schemas.issue import Issue
from hub.accounts.entering import Entrance, Rules, who
from hub.accounts.sessions import Place
from hub.audit.acting import acting, nobody_acts
from hub.audit.log import REFUSED, Entry, append
from hub.database import look, write
from hub.site import Site
from hub.web.console.cookies import TOKEN
from hub.web.console.current import Current
from hub.web.console.policy import Policy
from hub.web.console.visit import Visit, visit_of

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from werkzeug.wrappers import Response as AnyResponse

PREFIX = "/console"
WATCHING = "_watching"  # of a page that a browser asks for by itself: nobody is there
Answer = Any  # text of a page, or a response
View = Callable[..., Answer]
_SAME_SITE = ("same-origin", "none", None)  # of Sec-Fetch-Site


@dataclass(frozen=True, slots=True)
class Door:
    """A route: how it is asked for, whom it lets in, and what it is called in the audit log."""

    rule: str
    method: str
    policy: Policy
    act: str | None = None


@dataclass
class Console:
    """What the rooms of the console put their pages on. `doors` has every route, by endpoint."""

    app: Flask
    site: Site
    engine: Engine
    doors: dict[str, Door] = field(default_factory=dict)

    @cached_property
    def entrance(self) -> Entrance:
        """Where people come in. Raises Misdeclared (console_setting_wrong)."""
        return Entrance(self.engine, self.site.keys, Rules.read(os.environ))

    @cached_property
    def _current(self) -> Current:
        return Current(self.site)

    def catalogue(self) -> Catalogue:
        """The standards and the law that are in force now."""
        return self._current.catalogue()

    def page(self, rule: str, policy: Policy) -> Callable[[View], View]:
        """A page that is read: the view is called with the visit and what the address names."""
        return self._door(Door(rule, "GET", policy))

    def act(self, rule: str, policy: Policy, act: str) -> Callable[[View], View]:
        """Something that is done: by POST, with the form's key, as `act` in the audit log."""
        return self._door(Door(rule, "POST", policy, act))

    def _door(self, door: Door) -> Callable[[View], View]:
        def add(view: View) -> View:
            endpoint = f"{view.__module__.rpartition('.')[2]}.{view.__name__}"
            if endpoint in self.doors:
                raise ValueError(f"two routes are called {endpoint}")
            self.doors[endpoint] = door

            @wraps(view)
            def opened(**named: Any) -> Answer:
                if door.act is None:
                    return view(g.visit, **named)
                return self._acted(door.act, view, named)

            self.app.add_url_rule(door.rule, endpoint, opened, methods=[door.method])
            return view

        return add

    def _acted(self, act: str, view: View, named: Mapping[str, Any]) -> Answer:
        entry = self._entry(act)
        try:
            with acting(entry):
                return view(g.visit, **named)
        except HubError as error:
            self.note_refusal(act, error.issue)
            raise

    def note_refusal(self, act: str, issue: Issue) -> None:
        """Note in the audit log that something was refused, with the code of why."""
        entry = self._entry(act, REFUSED, {"why": issue.code})
        with nobody_acts(), write(self.engine) as connection:  # it isn't done
            append(connection, entry)

    def _entry(
        self, act: str, outcome: str = "done", details: Mapping[str, str] | None = None
    ) -> Entry:
        visit: Visit | None = g.get("visit")
        person = visit.person if visit else None
        address = request.remote_addr
        return Entry(person, act, _subject(), outcome, address=address, details=details or {})

    # --- the door ------------------------------------------------------------------------------

    def admit(self) -> AnyResponse | None:
        """Before every request: who asks, and whether the door opens.

        Raises Refused: door_closed, form_stale. Sends whoever isn't signed in to where one does.
        """
        g.visit = self._visit()
        door = self.doors.get(request.endpoint or "")
        if door is None:
            if request.endpoint is not None and request.endpoint != "static":
                raise self._closed("page.unknown", "policy")
            return None
        if door.method == "POST":
            self._check_form(door)
        if door.policy.anybody:
            return None
        elsewhere = self._way_in(door.policy)
        if elsewhere is not None:
            return elsewhere
        if not door.policy.lets_in(g.visit, self._owners(door.policy)):
            raise self._closed(door.act or "page.read", ", ".join(_needed(door.policy)))
        return None

    def _visit(self) -> Visit | None:
        token = request.cookies.get(TOKEN)
        if not token:
            return None
        place = Place.of(request.remote_addr, request.user_agent.string)
        session = who(self.entrance, token, place)
        if session is None:
            return None
        with look(self.engine) as connection:
            return visit_of(connection, session, place)

    def _check_form(self, door: Door) -> None:
        """Raises Refused (form_stale) for a form of another site or session."""
        origin = request.headers.get("Origin")
        same = origin is None or origin.partition("://")[2] == request.host
        if request.headers.get("Sec-Fetch-Site") not in _SAME_SITE or not same:
            raise Refused(Issue("form_stale"))
        visit: Visit | None = g.visit
        if door.policy.anybody or visit is None:
            return
        given = request.form.get("form_key", "")
        if not hmac.compare_digest(given.encode(), visit.session.form_key.encode()):
            raise Refused(Issue("form_stale"))

    def _way_in(self, policy: Policy) -> AnyResponse | None:
        """Where somebody has to go first: the page to sign in on, or the second step of it."""
        visit: Visit | None = g.visit
        if visit is None:
            if request.method == "POST":
                raise Refused(Issue("session_over"))
            return redirect(url_for("entering.sign_in", next=request.full_path.rstrip("?")))
        if visit.stage == policy.stage:
            return None
        ways = {"code": "entering.code", "enrol": "entering.enrol", "open": "home.workbench"}
        return redirect(url_for(ways[visit.stage]), HTTPStatus.SEE_OTHER)

    def _owners(self, policy: Policy) -> frozenset[str] | None:
        if policy.owner is None:
            return None
        with look(self.engine) as connection:
            return policy.owner(connection, request.view_args or {})

    def _closed(self, act: str, needed: str) -> Refused:
        issue = Issue("door_closed", params={"needed": needed})
        self.note_refusal(act, issue)
        return Refused(issue)


def _subject() -> str:
    """The address that was asked for, without an invitation that stands in it: it may still be good."""
    token = (request.view_args or {}).get("token")
    return request.path.replace(token, "…") if token else request.path


def _needed(policy: Policy) -> tuple[str, ...]:
    return (*policy.roles, *policy.offices)


def see(endpoint: str, **named: Any) -> Response:
    """After an act: go and look at a page."""
    return Response(status=303, headers={"Location": url_for(endpoint, **named)})
