"""package_search: which packages are found, in which order, and what they are counted by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from publisher.ckan_view.facts import KNOWN
from publisher.ckan_view.failures import Invalid, Unsearchable
from publisher.ckan_view.parameters import Parameters
from publisher.ckan_view.query import Query, read_query
from publisher.ckan_view.query_tests import ALL, Facts

ROWS, MOST_ROWS = 10, 1_000
FACET_LIMIT = 50
SORT = "score desc, metadata_modified desc"

_SORTED = {"name", "title", "title_string", "metadata_created", "metadata_modified", "id"}
_TAKEN = {
    "q", "fq", "fq_list", "rows", "start", "sort", "fl", "facet", "facet.field", "facet.limit",
    "facet.mincount", "extras", "qf", "df", "q.op", "mm", "tie", "defType", "wt",
    "include_private", "include_drafts", "include_deleted", "use_default_schema",
}  # fmt: skip
_WEIGHTS = (("name", 4), ("title", 4), ("tags", 2), (ALL, 1))


@dataclass(frozen=True, slots=True)
class Found:
    """Places of the packages of one page, how many there are in all, and the facets' counts."""

    count: int
    places: Sequence[int]
    facets: Mapping[str, Mapping[str, int]]
    sort: str


def search(facts: Sequence[Facts], asked: Parameters) -> Found:
    """The packages that `asked` finds among `facts`. Raises Invalid and Unsearchable."""
    strange = [n for n in asked.names if n not in _TAKEN and not n.startswith("ext_")]
    if strange:
        raise Unsearchable(f"Invalid search parameters: {strange}")
    query = read_query(asked.string("q"), KNOWN)
    filters = [read_query(text, KNOWN) for text in _filters(asked)]
    rows, start = asked.number("rows", ROWS, MOST_ROWS), asked.number("start", 0)
    sort = asked.string("sort") or SORT
    sort = SORT if sort == "rank" else sort
    found = [
        place
        for place, one in enumerate(facts)
        if query.holds(one) and all(each.holds(one) for each in filters)
    ]
    for key, down in reversed(list(_keys(sort, query))):
        found.sort(key=lambda place: key(facts[place]), reverse=down)
    counted = _facets([facts[place] for place in found], asked)
    return Found(len(found), found[start : start + rows], counted, sort)


def _filters(asked: Parameters) -> Iterable[str]:
    for name in ("fq", "fq_list"):
        told = asked.given(name)
        if told is not None:
            yield from told if isinstance(told, list) else [str(told)]


def _keys(sort: str, query: Query) -> Iterable[tuple[Callable[[Facts], Any], bool]]:
    for clause in sort.split(","):
        name, _, way = clause.strip().partition(" ")
        if way.strip().lower() not in ("", "asc", "desc"):
            raise Unsearchable(f"can't sort by {clause.strip()}")
        down = way.strip().lower() == "desc"
        if name in ("score", "rank"):
            yield lambda facts: _score(facts, query), down
        elif name in _SORTED:
            yield _value(name), down
        else:
            raise Unsearchable(f"can't sort by {name}")


def _value(name: str) -> Callable[[Facts], str]:
    return lambda facts: facts[name][0]


def _score(facts: Facts, query: Query) -> int:
    return sum(
        weight
        for word in query.words
        for name, weight in _WEIGHTS
        if any(word in value for value in facts[name])
    )


def _facets(found: Sequence[Facts], asked: Parameters) -> dict[str, dict[str, int]]:
    if not asked.flag("facet", otherwise=True):
        return {}
    names = asked.json("facet.field") or []
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Invalid({"facet.field": ["Not a list of strings"]})
    if unknown := [name for name in names if name not in KNOWN]:
        raise Unsearchable(f"undefined field {unknown[0]}")
    least = asked.number("facet.mincount", 1)
    unlimited = asked.string("facet.limit").startswith("-")
    most = None if unlimited else asked.number("facet.limit", FACET_LIMIT)
    told = {}
    for name in names:
        counts = Counter(value for one in found for value in one.get(name, ()))
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        told[name] = dict([pair for pair in ordered if pair[1] >= least][:most])
    return told


def search_facets(
    facets: Mapping[str, Mapping[str, int]], titles: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """The counts as CKAN's pages want them; `titles` has the names of some fields' values."""
    told = {}
    for name, counts in facets.items():
        shown = titles.get(name, {})
        items = [
            {"name": value, "display_name": shown.get(value, value), "count": count}
            for value, count in counts.items()
        ]
        items.sort(key=lambda item: str(item["display_name"]), reverse=True)
        told[name] = {"title": name, "items": items}
    return told
