"""The form above a table and its charts: what can be chosen, and what is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for

from exchange_schemas.standard import Field, Standard
from publisher.manifest import Release
from publisher.meanings import allowed, titles
from publisher.portal.chart_data import names_of
from publisher.portal.figures import counted
from publisher.portal.pages import chinese
from publisher.portal.shown import title_of
from publisher.portal.speech import text
from publisher.portal.table_view import (
    ROLES,
    WHERE,
    View,
    code_fields,
    default_columns,
    shown_fields,
)
from publisher.selection import Selection, role_field

MOST = 200  # values of a role that can be chosen from, the most frequent ones


@dataclass(frozen=True, slots=True)
class Option:
    """One value that can be chosen; `count` of the whole release, None: not counted."""

    value: str
    title: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One list to choose from; `name` is that of the address."""

    name: str
    title: str
    options: Sequence[Option]
    chosen: str | None


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that is chosen, in words, and the address of the view without it."""

    words: str
    without: str


@dataclass(frozen=True, slots=True)
class Form:
    """`date` is the title of the field of the days; None: there is none. `arguments` are those of the
    view's address."""

    view: View
    roles: Sequence[Choice]
    codes: Sequence[Choice]
    columns: Sequence[Field]
    date: str | None
    chips: Sequence[Chip]
    arguments: Mapping[str, str]


def form_of(release: Release, standard: Standard, view: View) -> Form:
    """The form of a view, with how many records of the release have each value."""
    whole = counted(release, standard, View(Selection(), default_columns(standard)))
    roles = [_role(standard, view, name, whole[name]) for name in ROLES if whole[name]]
    day = role_field(standard, "date")
    codes = [_code(name, field, view) for name, field in code_fields(standard).items()]
    return Form(
        view=view,
        roles=roles,
        codes=codes,
        columns=list(shown_fields(standard).values()),
        date=title_of(day, chinese()) if day else None,
        chips=list(_chips(standard, view, [*roles, *codes])),
        arguments=view.arguments(standard),
    )


def _role(standard: Standard, view: View, name: str, counts: Mapping[str, int]) -> Choice:
    field = role_field(standard, name)
    told = names_of(standard, name, chinese())
    chosen = getattr(view.selection.filters, name)
    shown = dict(list(counts.items())[:MOST])
    shown |= {chosen: counts.get(chosen, 0)} if chosen else {}
    options = [Option(value, told.get(value, value), count) for value, count in shown.items()]
    title = title_of(field, chinese()) if field else name
    return Choice(name, text("County") if name == "county" else title, options, chosen)


def _code(name: str, field: Field, view: View) -> Choice:
    told = titles(field, english=not chinese())
    values = [str(value) for value in allowed(field)]
    options = [Option(value, told.get(value, value)) for value in values]
    if field.kind == "boolean":
        options = [Option("true", text("yes")), Option("false", text("no"))]
    chosen = next(iter(view.selection.where.get(name, ())), None)
    return Choice(f"{WHERE}{name}", title_of(field, chinese()), options, chosen)


def _chips(standard: Standard, view: View, choices: Iterable[Choice]) -> Iterable[Chip]:
    colon = "：" if chinese() else ": "
    chosen = view.selection.filters
    told = {
        choice.name: f"{choice.title}{colon}{_title(choice)}"
        for choice in choices
        if choice.chosen
    }
    if view.selection.words:
        told["q"] = f"{text('Words')}{colon}{view.selection.words}"
    if chosen.since:
        told["since"] = text("from {day}", day=chosen.since)
    if chosen.until:
        told["until"] = text("until {day}", day=chosen.until)
    for name, words in told.items():
        kept = {n: v for n, v in view.arguments(standard).items() if n != name}
        yield Chip(words, url_for(_endpoint(), dataset=standard.dataset, **kept))


def _title(choice: Choice) -> str:
    found = (one.title for one in choice.options if one.value == choice.chosen)
    return next(found, choice.chosen or "")


def _endpoint() -> str:
    return request.endpoint if request.endpoint == "charts.page" else "table.page"


def tidy_address(standard: Standard, view: View) -> str | None:
    """Where a filled form leads: the view's own address, without empty values; None: this is it."""
    names = set(request.args) - {"lang", "after"}
    several = any(len(request.args.getlist(name)) > 1 for name in request.args)
    if not several and names <= set(view.arguments(standard)):
        return None
    told = view.first().arguments(standard)
    lang: dict[str, Any] = (
        {"lang": request.args["lang"]} if request.args.get("lang") in ("zh", "en") else {}
    )
    return url_for(_endpoint(), dataset=standard.dataset, **told, **lang)


def other_language(standard: Standard, view: View) -> str:
    """The address of the same view in the other language."""
    lang = "en" if chinese() else "zh"
    told = replace(view, after=None).arguments(standard)
    return url_for(_endpoint(), dataset=standard.dataset, **told, lang=lang)
