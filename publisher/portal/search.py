"""The search page: one box, and what may narrow it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import date

from flask import render_template, request, url_for

from publisher.library import Library
from publisher.portal import facet_words
from publisher.portal.events import events_of, told_of
from publisher.portal.highlight import marked
from publisher.portal.pages import (
    LONGEST_QUERY,
    PAGE_SIZE,
    chinese,
    disclaimers,
    library,
    pages,
    titles,
)
from publisher.portal.shown import title_of, value_of
from publisher.portal.subject import name_in
from publisher.query import FACETS, Facet, Filters, Hits

_CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")
_WIDEST = 200  # characters of a filter's value
FACET_VALUES = 8  # shown at once; the others are folded away


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader asks for."""

    query: str
    filters: Filters
    after: str | None = None

    def address(self, **changes: str | None) -> str:
        """The address of the same search with other filters, on its first page."""
        values = {"q": self.query or None, **asdict(self.filters), **changes}
        return url_for("pages.search", **{name: value for name, value in values.items() if value})

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: value for name, value in asdict(self.filters).items() if value}

    @property
    def parameters(self) -> dict[str, str]:
        """What the address of this search has: its words and filters."""
        return {**({"q": self.query} if self.query else {}), **self.chosen}

    @property
    def subscribed(self) -> dict[str, str]:
        """What a subscription to this search has: days that are over would find nothing new."""
        return {n: v for n, v in self.parameters.items() if n not in ("since", "until")}

    @property
    def anything(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.query or self.chosen)


@dataclass(frozen=True, slots=True)
class Company:
    """The one subject that a credit code names."""

    code: str
    name: str
    records: int


@pages.get("/search")
def search() -> str:
    """Records by name, credit code, document number, product or batch."""
    asked = read_asked()
    code = credit_code(asked.query)
    hits = found(library(), asked, code or asked.query) if asked.anything else None
    return render_template(
        "search.html",
        asked=asked,
        hits=hits,
        facets=facets(hits, asked) if hits else {},
        company=company(code) if code and not asked.after else None,
        code=code,
        titles=titles(),
        told=facet_words.told,
        marked=marked,
        beside=told_beside(hits) if hits else {},
        notes=disclaimers(hit.dataset for hit in hits.items) if hits else [],
        most=FACET_VALUES,
    )


def read_asked() -> Asked:
    """What the address says; what makes no sense in it is left out."""
    told = {n: request.args.get(n, "").strip()[:_WIDEST] or None for n in FACETS}
    if told["dataset"] not in titles():
        told["dataset"] = None
    days = {name: _day(request.args.get(name, "")) for name in ("since", "until")}
    query = " ".join(request.args.get("q", "")[: 2 * LONGEST_QUERY].split())[:LONGEST_QUERY]
    return Asked(query, Filters(**told, **days), request.args.get("after") or None)


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text.strip()[:10]).isoformat()
    except ValueError:
        return None


def credit_code(query: str) -> str | None:
    """The credit code that the query is, however it is written; None where it is something else."""
    plain = "".join(unicodedata.normalize("NFKC", query).replace("-", "").split()).upper()
    return plain if _CREDIT_CODE.fullmatch(plain) else None


def found(known: Library, asked: Asked, words: str) -> Hits:
    """One page of hits, with its facets."""
    return known.search(words, asked.filters, asked.after, PAGE_SIZE, facets=True)


def told_beside(hits: Hits) -> dict[str, list[tuple[str, str]]]:
    """record id → (title, value) of the parties of hits, which may be what the words were found in,
    and of what else a list tells."""
    told, known = {}, library()
    by_dataset: dict[str, list[str]] = {}
    for hit in hits.items:
        by_dataset.setdefault(hit.dataset, []).append(hit.record_id)
    records = {dataset: known.records(dataset, ids) for dataset, ids in by_dataset.items()}
    for hit in hits.items:
        standard = known.catalogue.get(hit.dataset)
        record = records[hit.dataset].get(hit.record_id, {})
        names = [name for name in standard.roles.parties if name != standard.roles.name]
        parties = [standard.fields[name] for name in names if record.get(name)]
        told[hit.record_id] = [
            *((title_of(one, chinese()), value_of(one, record[one.name])) for one in parties),
            *told_of(standard, record, chinese()),
        ]
    return told


def facets(hits: Hits, asked: Asked) -> dict[str, list[tuple[str, str, int]]]:
    """Facet → (value, its words, count) of what would narrow the search.

    Kinds are shown within one dataset only: the same code means different things in two.
    """
    values = {name: hits.facets.get(name, []) for name in FACETS}
    alone = asked.filters.dataset or _only(values["dataset"])
    if alone is None:
        values["kind"] = []
    return {
        name: [(one.value, facet_words.told(name, one.value, alone), one.count) for one in several]
        for name, several in values.items()
        if several and not asked.chosen.get(name)
    }


def _only(values: list[Facet]) -> str | None:
    return values[0].value if len(values) == 1 else None


def company(code: str) -> Company | None:
    """The subject with this code, where anything of it was released."""
    events = events_of(library(), code, chinese())
    return Company(code, name_in(events) or code, len(events)) if events else None
