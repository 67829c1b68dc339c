"""Templates become pages of the console, in the language of the request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import g, render_template, request, url_for
from jinja2 import StrictUndefined

from exchange_schemas.issue import Issue
from hub.web.console import cookies
from hub.web.exchange_site.speech import Speech
from publisher.portal.settings import Settings, read_settings

if TYPE_CHECKING:
    from flask import Flask

    from hub.web.console.console import Console

_LONGEST = 100  # characters of what an address carries into its twin in the other language


@dataclass(frozen=True, slots=True)
class Way:
    """An entry of the menu: the page that it leads to, which also says who sees it."""

    group: str  # message ids
    words: str
    endpoint: str
    values: tuple[tuple[str, str], ...] = ()


MENU: tuple[Way, ...] = (
    Way("Work", "Workbench", "home.workbench"),
    Way("Work", "To review", "queues.listing", (("name", "review"),)),
    Way("Work", "To approve", "queues.listing", (("name", "approve"),)),
    Way("Work", "Overdue", "queues.listing", (("name", "overdue"),)),
    Way("Records and decisions", "On the way to the public", "queues.listing", (("name", "due"),)),
    Way("Records and decisions", "Decide on many with a sample", "bulk.begin"),
    Way("Records and decisions", "Policies", "policies.listing"),
    Way("Feeds", "Feeds", "feeds.feeds"),
    Way("Feeds", "Held runs", "held.held"),
    Way("Feeds", "Quarantine", "quarantine.feeds"),
    Way("Feeds", "Connect a feed", "connect.connect"),
    Way("Filings and objections", "queue:correction", "filings.queue", (("kind", "correction"),)),
    Way("Filings and objections", "queue:objection", "filings.queue", (("kind", "objection"),)),
    Way("Filings and objections", "queue:repair", "filings.queue", (("kind", "repair"),)),
    Way("Filings and objections", "Third parties asked", "consents.listing"),
    Way("Supervision", "Analyses", "analyses.listing"),
    Way("Supervision", "Complaints", "complaints.overview"),
    Way("Supervision", "Credit classes", "credit.overview"),
    Way("Supervision", "Credit warnings", "credit_warnings.listing"),
    Way("Supervision", "Credit indicators", "credit_versions.listing"),
    Way("Supervision", "Credit appeals", "credit_appeals.listing"),
    Way("Supervision", "Prices", "prices.overview"),
    Way("Supervision", "Risks of products", "risks.listing"),
    Way("Supervision", "Checks of finance statistics", "finance.listing"),
    Way("Supervision", "Validity of normative documents", "documents.listing"),
    Way("Supervision", "Trade associations and their members' credit", "associations.listing"),
    Way("Supervision", "Targets of the plan", "plan.listing"),
    Way("Supervision", "Food trace", "trace.search"),
    Way("Supervision", "Failed samples", "unqualified.listing"),
    Way("Supervision", "Recalls", "recalls.listing"),
    Way("Supervision", "Subjects", "subjects.listing"),
    Way("Standards", "Data standards", "standards.catalogue"),
    Way("Administration", "Status of the hub", "status_page.status"),
    Way("Administration", "Accounts", "accounts_pages.listing"),
    Way("Administration", "People and roles", "people_pages.matrix"),
    Way("Administration", "Open sessions", "coming_in.listing"),
    Way("Administration", "Attempts to sign in", "coming_in.attempts"),
    Way("Administration", "Audit log", "audit_log.listing"),
    Way("Administration", "My account", "own_account.show"),
)


def set_up(app: Flask, console: Console) -> None:
    """Let the application's templates speak, know who asks and what they may open."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    settings = read_settings(console.site.portal_settings, os.environ)
    app.context_processor(partial(_words, console, settings))


def speech(console: Console) -> Speech:
    """How this request is spoken to."""
    found: Speech | None = g.get("speech")
    if found is None:
        found = g.speech = Speech(cookies.locale(), console.catalogue())
    return found


def page(template: str, **values: Any) -> str:
    """A page of the console."""
    return render_template(template, **values)


def _words(console: Console, settings: Settings) -> dict[str, Any]:
    told = speech(console)
    chinese = told.chinese
    visit = g.get("visit")
    return {
        "_": told.text,
        "told_of": lambda issue: _told(issue, told),
        "n": told.number,
        "at": told.moment,
        "title_of": told.dataset,
        "office_of": told.department,
        "lang": "zh-CN" if chinese else "en",
        "chinese": chinese,
        "colon": "：" if chinese else ": ",
        "twin": _twin("en" if chinese else "zh"),
        "visit": visit,
        "form_key": visit.session.form_key if visit else "",
        "may": partial(may, console),
        "menu": partial(_menu, console),
        "place": settings.place(chinese),
    }


def may(console: Console, endpoint: str) -> bool:
    """Whether who asks may open a page, as far as it doesn't depend on whose the object is."""
    visit = g.get("visit")
    door = console.doors.get(endpoint)
    return door is not None and visit is not None and door.policy.lets_in(visit)


def _menu(console: Console) -> Mapping[str, list[Way]]:
    """Group → what the person may open of it."""
    groups: dict[str, list[Way]] = {}
    for way in MENU:
        if may(console, way.endpoint):
            groups.setdefault(way.group, []).append(way)
    return groups


def _told(issue: Issue, told: Speech) -> str:
    return issue.message(told.locale)


def _twin(lang: str) -> str:
    """This page's address in another language."""
    if request.endpoint is None or request.method != "GET":
        return url_for("home.workbench", lang=lang)
    kept = {
        name: value[:_LONGEST] for name, value in request.args.items() if not name.startswith("_")
    }
    return url_for(request.endpoint, **{**kept, **(request.view_args or {}), "lang": lang})
