"""Looks for canaries in all that a hub lets out, however it is written there."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from tests.flow.canaries import Canary
from tests.index_texts import searched_texts, shown_texts

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")

_DIGITS, _WORDS = re.compile(r"[0-9.]+"), re.compile(r"[0-9a-z.]+")


@dataclass
class Hunt:
    """What was let out, as texts by their kind; `found` looks through all of it at once."""

    texts: list[tuple[str, str, str]] = field(default_factory=list)  # kind, where, what

    def take(self, kind: str, where: str, what: str | bytes) -> None:
        """Keep one output, and what its escapes stand for."""
        text = what.decode("utf-8", errors="replace") if isinstance(what, bytes) else what
        plain = html.unescape(unquote(text))
        self.texts.append((kind, where, text))
        if plain != text:
            self.texts.append((kind, where, plain))
        if _ESCAPED.search(text):
            unescaped = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), text)
            self.texts.append((kind, where, unescaped))

    def sizes(self) -> dict[str, tuple[int, int]]:
        """kind → how many outputs, and how many characters."""
        outputs, size = Counter(kind for kind, _, _ in self.texts), Counter[str]()
        for kind, _, text in self.texts:
            size[kind] += len(text)
        return {kind: (count, size[kind]) for kind, count in outputs.items()}

    def found(self, canaries: list[Canary]) -> pl.DataFrame:
        """kind, where, needle and place (of the canary in the list) of all that is found."""
        needles = [(needle, n) for n, one in enumerate(canaries) for needle in one.needles]
        owners = pl.DataFrame(
            needles, schema={"needle": pl.String, "place": pl.Int64}, orient="row"
        )
        owners = owners.with_columns(pl.col("needle").str.to_lowercase()).unique()
        texts = pl.DataFrame(self.texts, schema=["kind", "where", "text"], orient="row")
        words = owners["needle"].unique().to_list()
        lowered = pl.col("text").str.to_lowercase()
        hits = texts.with_columns(
            lowered.str.extract_many(words, overlapping=True).alias("needle")
        )
        hits = hits.explode("needle").drop_nulls("needle").unique(maintain_order=True)
        hits = hits.filter(_whole(hits))
        return hits.drop("text").join(owners, on="needle")


def _whole(hits: pl.DataFrame) -> pl.Series:
    """Digits count only where they aren't a part of a longer number or of a digest."""
    words: dict[str, set[str]] = {}
    whole = []
    for needle, text in hits.select("needle", "text").iter_rows():
        if _DIGITS.fullmatch(needle) is None:
            whole.append(True)
            continue
        if text not in words:
            words = {text: {one.strip(".") for one in _WORDS.findall(text.lower())}}
        whole.append(needle in words[text])
    return pl.Series(whole, dtype=pl.Boolean)


def take_releases(hunt: Hunt, folder: Path) -> None:
    """Every file below the folder of releases, and what packed ones hold."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        where = str(path.relative_to(folder))
        hunt.take(path.name, where, path.read_bytes())
        if path.suffix == ".parquet":
            texts = pl.read_parquet(path).select(pl.exclude(pl.Binary))  # digests say nothing
            hunt.take(f"rows of {path.name}", where, texts.write_ndjson())
        if path.suffix == ".sqlite":
            for kind, text in _index_texts(path):
                hunt.take(kind, where, text)


def _index_texts(path: Path) -> Iterator[tuple[str, str]]:
    """What is shown of records, and the texts in which they are found."""
    yield "rows of index.sqlite", "\n".join(shown_texts(path))
    yield "terms of index.sqlite", "\n".join(searched_texts(path))
