"""How a release is cited: GB/T 7714-2015 for an electronic resource, BibTeX, and CSL-JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_BIBTEX = re.compile(r"[\\{}%&#$_~^]")
_WORDS = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited: a release, or one record of it. Days are written 2026-01-31.

    `digest` is the SHA-256 of the release's manifest, which tells every byte of it; `read_on` is the
    day on which it was read.
    """

    owner: str
    title: str
    dataset: str
    release: int
    released_on: str
    read_on: str
    address: str
    digest: str
    record_id: str | None = None

    @property
    def name(self) -> str:
        """What reference managers call it."""
        return "-".join([self.dataset, str(self.release), *filter(None, [self.record_id])])

    @property
    def whole_title(self) -> str:
        """Title with the number of the release, and of the record."""
        record = f"，记录 {self.record_id}" if self.record_id else ""
        return f"{self.title}：第 {self.release} 版{record}"

    def national(self) -> str:
        """As GB/T 7714-2015 has it: DS/OL is a data set online."""
        days = f"({self.released_on})[{self.read_on}]"
        return f"{self.owner}. {self.whole_title}[DS/OL]. {days}. {self.address}."

    def bibtex(self) -> str:
        """An entry for BibTeX and biblatex."""
        year, month, _ = self.released_on.split("-")
        told = {
            "author": f"{{{_escaped(self.owner)}}}",
            "title": f"{{{_escaped(self.whole_title)}}}",
            "year": year,
            "month": str(int(month)),
            "version": str(self.release),
            "url": self.address,
            "urldate": self.read_on,
            "note": f"SHA-256 of manifest.json: {self.digest}",
        }
        lines = [f"  {name} = {{{value}}}," for name, value in told.items()]
        return "\n".join([f"@misc{{{self.name},", *lines, "}", ""])

    def csl(self) -> str:
        """A CSL-JSON list with one item, which Zotero and others import."""
        item = {
            "id": self.name,
            "type": "dataset",
            "title": self.whole_title,
            "author": [{"literal": self.owner}],
            "publisher": self.owner,
            "version": str(self.release),
            "issued": {"date-parts": [_parts(self.released_on)]},
            "accessed": {"date-parts": [_parts(self.read_on)]},
            "URL": self.address,
            "note": f"SHA-256 of manifest.json: {self.digest}",
        }
        return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _parts(day: str) -> list[int]:
    return [int(part) for part in day.split("-")]


def _escaped(text: str) -> str:
    return _BIBTEX.sub(lambda found: _WORDS.get(found[0], "\\" + found[0]), text)
