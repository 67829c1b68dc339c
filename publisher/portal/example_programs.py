"""Examples for programs: the files beside this, with a dataset's own addresses filled in.

They are what the tests run, so what a reader copies works.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from publisher.manifest import Release
from publisher.portal.addresses import home_address
from publisher.portal.ckan_desk import kept, moment_of
from publisher.portal.pages import library

#: Name → title, and the suffix of the file that one saves it as.
EXAMPLES = {
    "curl": ("curl", "sh"),
    "python": ("Python", "py"),
    "r": ("R", "R"),
    "power_query": ("Excel Power Query", "pq"),
}


@dataclass(frozen=True, slots=True)
class Example:
    """A program of a few lines; `name` is a key of `EXAMPLES`."""

    name: str
    title: str
    suffix: str
    text: str


def examples(release: Release) -> list[Example]:
    """The examples for one dataset."""
    table = _table_of(release.dataset)
    filled = {"{base}": home_address(), "{dataset}": release.dataset, "{table}": table}
    made = []
    for name, (title, suffix) in EXAMPLES.items():
        text = _text(name)
        for word, value in filled.items():
            text = text.replace(word, value)
        made.append(Example(name, title, suffix, text))
    return made


@cache
def _text(name: str) -> str:
    return files("publisher.portal").joinpath("examples", f"{name}.txt").read_text("utf-8")


def _table_of(dataset: str) -> str:
    """The id under which the CKAN interface knows the dataset's table."""
    known = library()
    tables = kept().shelf(known, moment_of(known)).tables
    return next((name for name, book in tables.items() if book.release.dataset == dataset), "")
