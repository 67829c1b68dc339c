"""docs/coverage.md is true: each row of the plan names what there is, or says why there is nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map

from adapters.declaration import load_feed
from adapters.feed_check import check_feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.plan_targets import the_plan
from exchange_schemas.standard import AUDIENCES
from hub.analysis.analyses import ANALYSES
from hub.database import connect, create_tables
from hub.site import create_site
from hub.web.console.application import create_console
from publisher.portal.app import create_portal
from tests.source_tree import ROOT

ROWS = 82  # systems, lists and flows that the plan names
WITHOUT = "not served: "
COMPUTED = "computed: analysis "
PLAN_PAGE = re.compile(r"(?:console|portal):/plan/([a-z-]+)$")


@dataclass(frozen=True)
class Row:
    """One row of the table; cells without anything are empty."""

    number: int
    name: str
    standards: tuple[str, ...]
    feeds: tuple[str, ...]
    served: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why it isn't served; "" where it is."""
        told = self.served[0]
        return told.removeprefix(WITHOUT) if told.startswith(WITHOUT) else ""


def _cells(text: str) -> tuple[str, ...]:
    return tuple(one.strip("` ") for one in text.split("<br>") if one.strip() not in ("–", ""))


@cache
def table() -> tuple[Row, ...]:
    """The table of the document."""
    lines = (ROOT / "docs" / "coverage.md").read_text("utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if re.match(r"\| \d+ \|", line)]
    return tuple(Row(int(row[0]), row[1], *map(_cells, row[2:6])) for row in rows)


SERVED = [row for row in table() if not row.reason]


def test_it_has_every_row_in_order() -> None:
    assert [row.number for row in table()] == list(range(1, ROWS + 1))
    assert len({row.name for row in table()}) == ROWS


def test_its_last_sentence_counts_rightly() -> None:
    text = (ROOT / "docs" / "coverage.md").read_text("utf-8")
    assert f"{len(SERVED)} of the {ROWS} are served, {ROWS - len(SERVED)} are not." in text


def test_a_row_without_service_has_a_reason_and_nothing_else() -> None:
    for row in table():
        if row.reason:
            assert len(row.reason) > 60, row.number
            assert (row.standards, row.feeds, row.tests, len(row.served)) == ((), (), (), 1)
        else:
            assert row.standards and row.feeds and row.served and row.tests, row.number


def test_standards_exist() -> None:
    named = {name for row in table() for name in row.standards}
    assert named <= set(load_catalogue().datasets())


def test_each_standard_of_a_row_has_a_feed_or_is_computed() -> None:
    for row in SERVED:
        given = {name for feed in row.feeds for name in _gives(feed)}
        assert set(row.standards) <= given, row.number


def _gives(feed: str) -> set[str]:
    """The datasets that a feed or an analysis gives."""
    if feed.startswith(COMPUTED):
        name = feed.removeprefix(COMPUTED)
        return set(ANALYSES[name].writes)
    return {load_feed(ROOT / "adapters" / "feeds" / feed).standard}


def test_each_feed_belongs_to_its_row() -> None:
    for row in SERVED:
        for feed in row.feeds:
            found = _gives(feed)
            assert not found or found & set(row.standards), (row.number, feed)


@pytest.mark.parametrize(
    "feed", sorted({f for row in SERVED for f in row.feeds if not f.startswith(COMPUTED)})
)
def test_a_feed_is_right_and_has_its_file(feed: str) -> None:
    declared = load_feed(ROOT / "adapters" / "feeds" / feed)
    assert check_feed(declared, load_catalogue()) == []
    path = (ROOT / "adapters" / "feeds" / feed).parent / str(declared.source.options["path"])
    assert path.stat().st_size > 0


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Map]:
    """The routes of the console and of the portal."""
    folder = tmp_path_factory.mktemp("coverage")
    site = create_site(folder / "site")
    engine = connect(site.database_url)
    create_tables(engine)
    console = create_console(site, engine).app.url_map
    portal = create_portal(folder, load_catalogue()).url_map
    engine.dispose()
    return {"console": console, "portal": portal}


def _pages() -> Iterator[tuple[int, str]]:
    for row in SERVED:
        for place in row.served:
            yield row.number, place


def test_pages_are_routes(doors: dict[str, Map]) -> None:
    wrong = []
    for number, place in _pages():
        kind, _, path = place.partition(":")
        if kind in doors:
            try:
                doors[kind].bind("localhost").match(path, method="GET")
            except NotFound:
                wrong.append((number, place))
    assert wrong == []


def test_pages_of_datasets_and_targets_name_some_that_there_are() -> None:
    catalogue = load_catalogue()
    for number, place in _pages():
        if found := re.match(r"(?:portal:/datasets|console:/standards)/(\w+)$", place):
            standard = catalogue.get(found[1])
            assert standard.public or place.startswith("console"), (number, place)
        if (target := PLAN_PAGE.match(place)) is not None:
            assert target[1] in the_plan().targets, (number, place)


def test_exchanges_have_something_for_their_audience() -> None:
    catalogue = load_catalogue()
    for number, place in _pages():
        kind, _, rest = place.partition(":")
        assert kind in ("console", "portal", "exchange"), (number, place)
        if kind == "exchange":
            dataset, _, audience = rest.partition("/")
            assert audience in AUDIENCES, (number, place)
            assert catalogue.get(dataset).fields_for(audience), (number, place)


@cache
def _tests_of(place: str) -> frozenset[str]:
    tree = ast.parse((ROOT / place).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_tests_exist() -> None:
    for row in SERVED:
        for test in row.tests:
            place, _, name = test.partition("::")
            assert name in _tests_of(place), (row.number, test)


def test_every_dataset_stands_in_some_row() -> None:
    """A dataset that no row names would be one that the plan doesn't ask for."""
    named = {name for row in table() for name in row.standards}
    assert set(load_catalogue().datasets()) - named == set()


def test_every_shipped_example_is_named() -> None:
    folder = ROOT / "adapters" / "feeds"
    named = {feed for row in SERVED for feed in row.feeds}
    shipped = {
        path.relative_to(folder).as_posix() for path in Path(folder / "examples").glob("*.yml")
    }
    assert shipped <= named
