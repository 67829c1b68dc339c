"""What one description is of: a release, its standard and files, and where they are found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exchange_schemas.standard import Field, Standard
from publisher.dcat.site_words import SiteWords
from publisher.manifest import Release, ReleaseFile

# What describes a release is no distribution of its data.
_DESCRIPTIONS = ("datapackage.json", "dcat.jsonld", "schema-org.jsonld", "index.sqlite")

_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?(?![\d-])")


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are. In a catalogue `root` is the portal's address with a slash at its end.

    A release's own file says all relative to itself, because it may be read from any place: then
    `root` leads up from it, and its neighbours have no path.
    """

    root: str
    dataset: str
    number: int
    beside: bool  # whether the description stands in the release's folder

    @property
    def page(self) -> str:
        """The dataset's page."""
        return f"{self.root}datasets/{self.dataset}"

    @property
    def release(self) -> str:
        """The release's page."""
        return "./" if self.beside else f"{self.page}/releases/{self.number}/"

    @property
    def described(self) -> str:
        """The name of what is described: this release, or the dataset in its present state."""
        return "./#dataset" if self.beside else f"{self.page}#dataset"

    def file(self, name: str) -> str:
        """One file of the release."""
        return name if self.beside else f"{self.release}{name}"

    def distribution(self, name: str) -> str:
        """The name of a file as a distribution; in a catalogue it stays through all releases."""
        return f"./#{name}" if self.beside else f"{self.page}#{name}"


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a description is made from.

    `fields` are the columns. `days` are the first and the last day, month or year (2026-01-31,
    2026-01, 2026) of the records, `issued` is when the first release was made; None: not known.
    """

    standard: Standard
    fields: Mapping[str, Field]
    release: Release
    files: Sequence[ReleaseFile]
    site: SiteWords
    places: Places
    days: tuple[str, str] | None = None
    issued: str | None = None

    @property
    def distributed(self) -> list[ReleaseFile]:
        """The files that hold data, or say what it means."""
        return [file for file in self.files if file.name not in _DESCRIPTIONS]

    @property
    def period(self) -> tuple[str, str] | None:
        """`days` without times; None where they aren't known, or aren't days."""
        found = [_DAY.match(one) for one in self.days or ()]
        first, last = found if len(found) == 2 else (None, None)
        return (first[0], last[0]) if first and last else None

    @property
    def keywords(self) -> tuple[tuple[str, str], ...]:
        """Words by which the dataset is found, in both languages: what, whose, and of where it is."""
        standard, site = self.standard, self.site
        return (
            (standard.title, standard.title_en),
            (standard.owner, standard.owner_en),
            (site.place_zh, site.place_en),
        )


def beside(dataset: str, number: int) -> Places:
    """The places as seen from `/datasets/<dataset>/releases/<number>/<file>`."""
    return Places("../../../../", dataset, number, True)
