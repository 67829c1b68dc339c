"""What the pages show on which a feed is connected, and what their forms say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flask import request

from adapters.feed import Feed, Source
from exchange_schemas.days import today
from exchange_schemas.errors import HubError, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.sealed import HIDDEN
from exchange_schemas.standard import Standard
from hub import feed_mapping
from hub.feed_departments import may_deliver
from hub.feed_drafts import Draft, Guess
from hub.feed_mapping import AS_IT_IS, Choice
from hub.feed_saving import faults
from hub.feed_text import feed_from, loaded
from hub.freshness import CYCLES
from hub.preview import preview
from hub.sealed_columns import sealed_columns
from hub.web.console.console import Console
from hub.web.console.feed_shown import mapped
from hub.web.console.policy import SUBMITTER
from hub.web.console.visit import Visit

_PREVIEWED = 50
_LONGEST = 500  # characters of a setting or a constant


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column in the form: its own field and converter, and the other fields that it is a part of."""

    place: int
    name: str
    samples: tuple[str, ...]
    field: str
    also: tuple[str, ...]
    steps: tuple[str, ...]
    guess: Guess | None


def deliverable(console: Console, visit: Visit) -> list[tuple[str, str]]:
    """(department, dataset) of all for which they may hand in records."""
    catalogue, day = console.catalogue(), today()
    return [
        (department, name)
        for department in sorted(visit.departments(SUBMITTER))
        for name in catalogue.datasets()
        if may_deliver(catalogue.get(name), department, day)
    ]


def named(console: Console, visit: Visit, told: str) -> tuple[str, str]:
    """(department, dataset) that a form names; raises Refused (feed_standard_other)."""
    department, _, dataset = told.partition(":")
    if (department, dataset) not in deliverable(console, visit):
        words = {"department": department or "?"}
        raise Refused(Issue("feed_standard_other", value=dataset or "?", params=words))
    return department, dataset


def draft_page(
    console: Console,
    visit: Visit,
    draft: Draft,
    typed: str | None = None,
    wrong: Issue | None = None,
) -> dict[str, Any]:
    """The values of the page of a draft; `typed` is a text that can't be read, `wrong` says why."""
    standard = console.catalogue().get(draft.dataset)
    told = loaded(draft.text)
    feed, found = _feed(console, visit, draft)
    sealed = sealed_columns(feed, standard) if feed else frozenset()
    missing = [standard.fields[n] for n in _missing(found, standard)]
    return {
        "draft": draft,
        "standard": standard,
        "told": told,
        "text": draft.text if typed is None else typed,
        "wrong": wrong,
        "faults": found,
        "lines": list(_lines(draft, told, feed, standard, sealed)),
        "converters": feed_mapping.CHOICE,
        "as_it_is": AS_IT_IS,
        "constants": [one for one in missing if feed_mapping.takes_text(one)],
        "every": list(CYCLES),
        "departments": sorted(visit.departments(SUBMITTER)),
    }


def tried(console: Console, visit: Visit, draft: Draft) -> dict[str, Any]:
    """The values of a draft's preview: the sample's first rows, read as it is declared so far."""
    feed, found = _feed(console, visit, draft)
    blocking = [one for one in found if one.code not in ("field_unmapped", *_OF_SAVING)]
    values: dict[str, Any] = {"faults": found, "feed": feed, "preview": None, "standard": None}
    if feed is None or blocking:
        return values
    standard = console.catalogue().get(feed.standard, feed.version)
    of_sample = replace(feed, source=Source("upload"))  # nothing else is asked for anything
    shown = preview(of_sample, standard, _PREVIEWED, draft.upload.path)
    errors = [row for row in shown.rows if any(i.severity == "error" for i in row.issues)]
    counts = Counter((i.code, i.field or "") for row in shown.rows for i in row.issues)
    examples = {(i.code, i.field or ""): i for row in shown.rows for i in reversed(row.issues)}
    groups = [(count, examples[key]) for key, count in counts.most_common()]
    return {
        **values,
        "preview": shown,
        "standard": standard,
        "errors": len(errors),
        "groups": groups,
    }


# What keeps a draft from being saved, and not from being tried.
_OF_SAVING = ("feed_source_closed", "feed_secret_closed", "secret_missing", "secret_in_file",
              "feed_internal_closed", "feed_department_other", "feed_standard_other")  # fmt: skip


def choices_in(draft: Draft, standard: Standard) -> list[Choice]:
    """What the form chose for each column."""
    return list(_choices(draft, standard))


def constants_in() -> dict[str, str]:
    """Field → the one value for every record, as the form says."""
    return {
        name.removeprefix("value-"): value.strip()[:_LONGEST]
        for name, value in request.form.items()
        if name.startswith("value-")
    }


def with_settings(told: dict[str, Any], standard: Standard) -> dict[str, Any]:
    """The declaration with what else the form says of the feed."""
    form = {name: value.strip()[:_LONGEST] for name, value in request.form.items()}
    made = dict(told)
    for name in ("feed", "mode", "every", "department"):
        if form.get(name):
            made[name] = form[name]
    if form.get("title"):
        before = told.get("title")
        english = before.get("en") if isinstance(before, dict) else None
        made["title"] = {"zh": form["title"], "en": english or form["title"]}
    if form.get("every") == "":
        made.pop("every", None)  # as the standard says
    if made.get("department") == standard.department:
        del made["department"]
    return made


def _choices(draft: Draft, standard: Standard) -> Iterator[Choice]:
    known = {"", *standard.fields}
    for place, column in enumerate(draft.columns):
        field = request.form.get(f"field-{place}")
        converter = request.form.get(f"convert-{place}", AS_IT_IS)
        if field in known and converter in ("", AS_IT_IS, *feed_mapping.CHOICE):
            yield Choice(column.name, field, converter)


def _feed(console: Console, visit: Visit, draft: Draft) -> tuple[Feed | None, list[Issue]]:
    """The feed as declared so far, None where it can't be read; and all that is wrong with it."""
    catalogue = console.catalogue()
    try:
        feed = feed_from(draft.text, console.site.feeds)
        return feed, list(faults(feed, catalogue, visit.departments(SUBMITTER)))
    except HubError as error:
        return None, [error.issue]


def _missing(found: list[Issue], standard: Standard) -> list[str]:
    names = [one.value or "" for one in found if one.code == "field_unmapped"]
    return [name for name in names if name in standard.fields]


def _lines(
    draft: Draft,
    told: dict[str, Any],
    feed: Feed | None,
    standard: Standard,
    sealed: frozenset[str],
) -> Iterator[ColumnLine]:
    steps = {one.field: one.steps for one in mapped(feed, standard)} if feed else {}
    for place, column in enumerate(draft.columns):
        own, also = feed_mapping.fields_of(told, column.name, draft.sure)
        samples = (HIDDEN,) if column.name in sealed else tuple(column.samples)
        yield ColumnLine(
            place=place,
            name=column.name,
            samples=samples,
            field=own or "",
            also=tuple(also),
            steps=steps.get(own or "", ()),
            guess=draft.guesses.get(own or ""),
        )
