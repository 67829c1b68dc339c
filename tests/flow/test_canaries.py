"""No byte of what isn't public is in any output: canaries in every field of every standard.

Each standard's samples are planted with values that stand nowhere else, and go the whole way: into
the ledger, past two people or not, into releases, out of them again. Then all outputs are searched.
"""

from __future__ import annotations

import io
import json
import logging
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import polars as pl
import pytest

from exchange_schemas.catalogue import load_catalogue
from hub.states import APPROVED, PUBLIC, RECEIVED, STATES
from hub.web.server import create_application
from publisher.library import Library
from tests.flow.canaries import Canary, has_room
from tests.flow.canary_crawl import client, crawl, errors, guess, search, take
from tests.flow.canary_hunt import Hunt, take_releases
from tests.flow.canary_oracle import exchanged, places, public_canaries
from tests.flow.canary_site import Aviary, build
from tests.hub.exchange_hub import listening

FILES = (
    "records.csv", "records-excel.csv", "records.jsonl", "rows of records.parquet",
    "rows of index.sqlite",
)  # fmt: skip
SHOWING = (*FILES, "terms of index.sqlite", "pages zh", "pages en", "filing forms", "downloads",
           "over the wire")  # fmt: skip
#: What tells of no record's values, and so may never have any canary at all.
#: (A header may name a public code: that of the company whose file it is.)
NEVER = ("error pages", "log", "data dictionary", "datapackage.json", "manifest.json",
         "dictionary.csv", "erased.json", "search", "scoreboard")  # fmt: skip
#: What an operator reads: rows that were refused, with what is wrong in them, but for sealed fields.
COMMANDS = "commands"


@dataclass
class Searched:
    """The site, what was let out and found, and the canaries that may be public."""

    aviary: Aviary
    hunt: Hunt
    found: pl.DataFrame
    allowed: set[int]
    wrong: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    pages: dict[str, set[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    before = os.environ.pop("HUB_DATABASE_URL", None)
    log = io.StringIO()
    handler, root = logging.StreamHandler(log), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    statements = logging.getLogger("sqlalchemy.engine")  # has a level of its own
    statements.setLevel(logging.INFO)
    try:
        aviary = build(tmp_path_factory.mktemp("canaries"), load_catalogue())
        made = _let_out(aviary)
        made.hunt.take("log", "everything", log.getvalue())
        made.found = made.hunt.found(aviary.mint.made)
        yield made
        aviary.engine.dispose()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        statements.setLevel(logging.NOTSET)
        if before is not None:
            os.environ["HUB_DATABASE_URL"] = before


def _let_out(aviary: Aviary) -> Searched:
    """All that the public can get at, and what operators are told."""
    hunt = Hunt()
    made = Searched(aviary, hunt, pl.DataFrame(), public_canaries(aviary))
    take_releases(hunt, aviary.site.releases)
    for lang in ("zh", "en"):
        made.pages[lang] = crawl(hunt, client(aviary, lang), lang)
    reader = client(aviary, "zh")
    for path in ("/robots.txt", "/healthz", "/exchange/v1/openapi.json"):
        take(hunt, "downloads", path, reader.get(path))
    for name in aviary.public:
        hidden = [row["record_id"] for row in aviary.rows(name) if row["state"] not in PUBLIC]
        made.wrong += guess(hunt, reader, aviary, name, hidden)
    made.wrong += search(hunt, reader, _to_search(aviary, made.allowed))
    made.statuses = errors(hunt, reader, aviary)
    _over_the_wire(hunt, aviary)
    hunt.take("scoreboard", "", aviary.board)
    for said in aviary.said:
        hunt.take(COMMANDS, "", said)
    return made


def _to_search(aviary: Aviary, allowed: set[int]) -> list[Canary]:
    """Of each standard one canary of each tier, and one of each field that is searched."""
    hidden = [one for n, one in enumerate(aviary.mint.made) if n not in allowed]
    chosen = {(one.dataset, one.tier, one.private): one for one in hidden}
    for one in hidden:
        roles = aviary.catalogue.get(one.dataset).roles
        if one.field in (roles.name, roles.code, roles.document, *roles.parties):
            chosen[one.dataset, one.field, one.private] = one
    return list(chosen.values())


def _over_the_wire(hunt: Hunt, aviary: Aviary) -> None:
    """A few answers through the listening server itself, whose log is read too."""
    with listening(create_application(aviary.site)) as url:
        for path in ("/", "/nothing", "/search?q=ZQ", "/exchange/v1/datasets", "/healthz"):
            answer = httpx.get(url + path)
            hunt.take("over the wire", path, f"{answer.headers}\n{answer.text}")


def leaks(made: Searched, *kinds: str) -> list[Any]:
    """What was found in outputs of these kinds and may not be there."""
    kept = made.found.filter(~pl.col("place").is_in(list(made.allowed)))
    rows = kept.filter(pl.col("kind").is_in(kinds)) if kinds else kept
    return [
        (kind, where, needle, made.aviary.mint.made[place])
        for kind, where, needle, place in rows.iter_rows()
    ]


def test_nothing_that_is_not_public_is_found_anywhere(searched: Searched) -> None:
    kinds = set(searched.found["kind"]) - {COMMANDS}
    assert leaks(searched, *kinds) == []


def test_what_tells_of_no_record_has_no_canary_at_all(searched: Searched) -> None:
    assert set(NEVER) <= searched.hunt.sizes().keys()
    assert searched.found.filter(pl.col("kind").is_in(NEVER)).rows() == []


def test_operators_are_told_nothing_that_is_sealed(searched: Searched) -> None:
    told = leaks(searched, COMMANDS)
    assert {one.tier for *_, one in told} == {"public", "industry", "government"}  # and not sealed


@pytest.mark.parametrize("kind", SHOWING)
def test_a_canary_of_a_public_field_is_found(searched: Searched, kind: str) -> None:
    """The search finds what is there, in every kind of output that has records."""
    found = searched.found.filter(pl.col("kind") == kind)
    assert set(found["place"]) & searched.allowed


def test_every_file_of_every_dataset_shows_its_own(searched: Searched) -> None:
    seen = {
        (kind, where.partition("/")[0])
        for kind, where in searched.found.select("kind", "where").iter_rows()
        if kind in FILES
    }
    assert seen == {(kind, name) for kind in FILES for name in searched.aviary.public}


def test_every_field_that_takes_a_canary_was_planted(searched: Searched) -> None:
    aviary = searched.aviary
    told = "\n".join(
        json.dumps(record, ensure_ascii=False)
        for name in aviary.catalogue.datasets()
        for record in aviary.contents(name).values()
    )
    have = {
        (made.dataset, made.field)
        for made in map(aviary.mint.made.__getitem__, places(aviary, told))
    }
    left_out = {
        (name, one.name)
        for name in aviary.public
        for one in aviary.catalogue.get(name).fields.values()
        if not one.visible_to("public") and (name, one.name) not in have
        if one.kind != "boolean" and has_room(one) and "enum" not in one.schema.get("items", {})
    }
    assert left_out == set()


def test_records_came_to_every_end(searched: Searched) -> None:
    aviary = searched.aviary
    ends = Counter(row["state"] for name in aviary.public for row in aviary.rows(name))
    assert ends.keys() == set(STATES) - {RECEIVED, APPROVED}  # nobody stays there
    assert min(ends.values()) >= 10


def test_files_have_no_column_of_a_field_that_is_not_public(searched: Searched) -> None:
    """Of what is yes or no, or one of a few codes, no value would stand out."""
    aviary = searched.aviary
    for release in Library(aviary.site.releases, aviary.catalogue).datasets():
        name, folder = release.dataset, release.path
        standard = aviary.catalogue.get(name)
        columns = set(pl.read_parquet_schema(folder / "records.parquet"))
        columns |= set((folder / "records.csv").read_text("utf-8").splitlines()[0].split(","))
        for line in (folder / "records.jsonl").read_text("utf-8").splitlines():
            columns |= json.loads(line).keys()
        described = (folder / "datapackage.json").read_text("utf-8")
        hidden = standard.fields.keys() - standard.fields_for("public").keys()
        assert not columns & hidden
        assert not [one for one in hidden if f'"{one}"' in described]


def test_years_and_counts_are_of_public_records_only(searched: Searched) -> None:
    aviary = searched.aviary
    library = Library(aviary.site.releases, aviary.catalogue)
    for name in aviary.public:
        public, years = len(aviary.rows(name, *PUBLIC)), library.years(name)
        assert sum(years.values()) <= public
        assert "1930" < min(years, default="2000") <= max(years, default="2000") < "2087"
        release = library.latest(name)
        assert release is not None
        assert release.counts["records"] == public


def test_hidden_records_are_answered_as_if_they_never_were(searched: Searched) -> None:
    assert searched.wrong == []
    assert searched.statuses >= {401, 404, 405, 410, 500}


@pytest.mark.parametrize("audience", ["industry", "government"])
def test_consumers_are_sent_nothing_above_their_tier(searched: Searched, audience: str) -> None:
    sent, may = exchanged(searched.aviary, audience)
    got = set(sent.found(searched.aviary.mint.made)["place"])
    assert got  # … or nothing would have been sent
    assert [searched.aviary.mint.made[n] for n in got - may] == []
    assert not [n for n in got if searched.aviary.mint.made[n].tier == "sealed"]


def test_the_figures(searched: Searched) -> None:
    made = searched.aviary.mint.made
    fields = {(one.dataset, one.field) for one in made}
    print(f"\n{len({one.dataset for one in made})} standards, {len(fields)} fields, "
          f"{len(made)} canaries, {len(searched.allowed)} of them public")  # fmt: skip
    for kind, (outputs, size) in sorted(searched.hunt.sizes().items()):
        hits = searched.found.filter(pl.col("kind") == kind)["place"]
        wrong = len(leaks(searched, kind)) if kind != COMMANDS else 0
        own = len(set(hits) & searched.allowed)
        print(
            f"{kind:24} {outputs:6} outputs {size:12,} characters {own:6} public {wrong:4} others"
        )
    assert len({one.dataset for one in made}) == len(searched.aviary.catalogue.datasets())
