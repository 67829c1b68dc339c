"""Connecting a feed: a sample handed in, a declaration suggested, corrected, tried, kept and run."""

from __future__ import annotations

import shutil
from hashlib import sha256

from flask import request

from adapters.suggest.suggestion import rank
from exchange_schemas.errors import HubError, Misdeclared, SourceUnreadable
from exchange_schemas.issue import Issue
from hub import feed_drafts, feed_mapping, uploads
from hub.audit.acting import tell
from hub.database import write
from hub.feed_drafts import Draft
from hub.feed_saving import prepare, put
from hub.feed_text import loaded, read_text, written
from hub.web.console.connecting import (
    choices_in,
    constants_in,
    deliverable,
    draft_page,
    named,
    tried,
    with_settings,
)
from hub.web.console.console import Answer, Console, see
from hub.web.console.cookies import say
from hub.web.console.feeds import handed_in
from hub.web.console.own_feeds import queue
from hub.web.console.policy import SUBMITTER, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit

MINE = of_roles(SUBMITTER)  # a draft is its person's alone: `_draft` finds no other's


def add_connect(console: Console) -> None:
    """Put the pages on the console."""
    _add_begin(console)
    _add_draft(console)
    _add_changes(console)
    _add_end(console)


def _draft(console: Console, visit: Visit, number: str) -> Draft:
    """Raises Refused (upload_unknown), also where no dataset was chosen yet."""
    found = feed_drafts.draft_of(uploads.find(console.site, number, visit.person))
    if found is None:
        raise uploads.unknown(number)
    return found


def _add_begin(console: Console) -> None:
    @console.page("/connect", MINE)
    def connect(visit: Visit) -> Answer:
        return _first(console, visit, None)

    @console.act("/connect", MINE, "feed.draft")
    def hand_in(visit: Visit) -> Answer:
        kept = handed_in(console, visit)
        with write(console.engine):
            pass  # the entry alone
        if not request.form.get("dataset"):
            return see("connect.choose", number=kept.number)
        return _begun(console, visit, kept)

    @console.page("/connect/<number>/dataset", MINE)
    def choose(visit: Visit, number: str) -> Answer:
        kept = uploads.find(console.site, number, visit.person)
        datasets = deliverable(console, visit)
        known = {name for _, name in datasets}
        try:
            _, ranked = rank(kept.path, console.catalogue(), 1000)
        except (SourceUnreadable, Misdeclared) as error:
            return _first(console, visit, error.issue), 400
        best = [one for one in ranked if one.standard.dataset in known and one.columns][:5]
        return page("connect_dataset.html", upload=kept, datasets=datasets, best=best)

    @console.act("/connect/<number>/dataset", MINE, "feed.draft")
    def begin(visit: Visit, number: str) -> Answer:
        return _begun(console, visit, uploads.find(console.site, number, visit.person))


def _begun(console: Console, visit: Visit, kept: uploads.Upload) -> Answer:
    """A first declaration for the dataset that the form names."""
    department, dataset = named(console, visit, request.form.get("dataset", ""))
    tell(upload=kept.number, dataset=dataset, department=department)
    try:
        feed_drafts.begin(kept, console.catalogue().get(dataset), department)
    except (SourceUnreadable, Misdeclared) as error:
        return _first(console, visit, error.issue), 400
    with write(console.engine):
        pass
    return see("connect.draft", number=kept.number)


def _first(console: Console, visit: Visit, wrong: Issue | None) -> str:
    """The page on which a sample is handed in; `wrong` says why the last one can't be used."""
    mine = uploads.of_person(console.site, visit.person)
    drafts = [(one, feed_drafts.draft_of(one)) for one in mine]
    values = {"datasets": deliverable(console, visit), "wrong": wrong}
    return page("connect.html", drafts=[pair for pair in drafts if pair[1]], **values)


def _add_draft(console: Console) -> None:
    @console.page("/connect/<number>", MINE)
    def draft(visit: Visit, number: str) -> Answer:
        kept = uploads.find(console.site, number, visit.person)
        found = feed_drafts.draft_of(kept)
        if found is None:
            return see("connect.choose", number=number)
        return page("connect_draft.html", **draft_page(console, visit, found))

    @console.page("/connect/<number>/preview", MINE)
    def preview(visit: Visit, number: str) -> Answer:
        found = _draft(console, visit, number)
        return page("connect_preview.html", draft=found, **tried(console, visit, found))


def _add_changes(console: Console) -> None:
    @console.act("/connect/<number>/columns", MINE, "feed.draft")
    def columns(visit: Visit, number: str) -> Answer:
        found = _draft(console, visit, number)
        standard = console.catalogue().get(found.dataset)
        told = feed_mapping.chosen(loaded(found.text), choices_in(found, standard), found.sure)
        told = feed_mapping.with_constants(told, standard, constants_in())
        return _changed(found, written(with_settings(told, standard), standard))

    @console.act("/connect/<number>/text", MINE, "feed.draft")
    def text(visit: Visit, number: str) -> Answer:
        found = _draft(console, visit, number)
        given = request.form.get("text", "").replace("\r\n", "\n")
        try:
            read_text(given)
        except Misdeclared as error:  # as it was typed, with what is wrong
            values = draft_page(console, visit, found, typed=given, wrong=error.issue)
            return page("connect_draft.html", **values), 400
        return _changed(found, given)

    def _changed(found: Draft, text: str) -> Answer:
        tell(upload=found.upload.number)
        feed_drafts.change(found, text)
        with write(console.engine):
            pass
        say(speech(console).text("The draft is kept."))
        return see("connect.draft", number=found.upload.number)


def _add_end(console: Console) -> None:
    @console.act("/connect/<number>/save", MINE, "feed.declare")
    def save(visit: Visit, number: str) -> Answer:
        found = _draft(console, visit, number)
        mine = visit.departments(SUBMITTER)
        try:
            with write(console.engine) as connection:
                ready = prepare(connection, console.site, console.catalogue(), found.text, mine)
                digest = sha256(found.text.encode()).hexdigest()
                tell(feed=ready.feed.name, dataset=ready.feed.standard, sha256=digest)
            put(ready)
        except HubError as error:
            console.note_refusal("feed.declare", error.issue)
            return page(
                "connect_draft.html", **draft_page(console, visit, found, wrong=error.issue)
            ), 409
        name = ready.feed.name
        say(speech(console).text("Feed {name} is declared.", name=name))
        if request.form.get("run") and ready.feed.source.kind == "upload":
            told = {"file": str(found.upload.path), "actor": visit.person}
            job = queue(console, ready.feed, "feed_run", told)
            return see("feed_jobs.job", name=name, number=job)
        return see("feeds.feed", name=name)

    @console.act("/connect/<number>/discard", MINE, "feed.draft_discard")
    def discard(visit: Visit, number: str) -> Answer:
        kept = uploads.find(console.site, number, visit.person)
        tell(upload=number)
        with write(console.engine):
            pass
        shutil.rmtree(kept.folder, ignore_errors=True)
        say(speech(console).text("The draft and its sample are removed."))
        return see("connect.connect")
