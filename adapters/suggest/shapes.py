"""What the values of a column look like: the share of them that has each shape."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from adapters.csv_header import EDGES
from adapters.suggest.shape_patterns import PATTERNS
from exchange_schemas.codes import load_codes
from exchange_schemas.divisions import divisions_elsewhere
from exchange_schemas.fixed_width import FINE
from exchange_schemas.identifiers import uscc_verdicts

#: Texts that stand for "no value" whatever the column is.
MARKS = frozenset(
    ("n/a", "#n/a", "/", "//", "-", "--", "---", "----", "—", "——", "－", "\\n", "\\", "null",
     "(null)", "none", "nil", "nan", "*", "…")
)  # fmt: skip
#: Words that mean it in most columns, and are a value in some (有 or 无).
WORDS = frozenset(("无", "暂无", "不详", "未知", "未填写", "空", "没有", "无数据"))


@dataclass(frozen=True)
class Profile:
    """A column of the sample: `cells` trimmed and half-width, without those that say "no value"."""

    name: str
    cells: tuple[str, ...]
    rows: int
    nulls: tuple[str, ...] = ()  # the texts that say so, as written

    def share(self, shape: str) -> float:
        """Of the cells, 0–1; 0 where there are none."""
        pattern = PATTERNS[shape]
        return self._share_of(lambda cell: pattern.fullmatch(cell) is not None)

    @cached_property
    def counts(self) -> Counter[str]:
        """Cell → how often."""
        return Counter(self.cells)

    @cached_property
    def length(self) -> float:
        """Characters of a cell, on average."""
        return sum(map(len, self.cells)) / len(self.cells) if self.cells else 0.0

    @cached_property
    def distinct(self) -> float:
        """Share of different cells."""
        return len(self.counts) / len(self.cells) if self.cells else 0.0

    @cached_property
    def uscc(self) -> float:
        """Share of credit codes with the right check digit."""
        return self._judged(_right_uscc)

    @cached_property
    def division(self) -> float:
        """Share of codes of administrative divisions that exist or existed."""
        known = divisions_elsewhere()
        ours = load_codes("divisions").codes
        form = PATTERNS["division"]

        def judge(cell: str) -> bool:
            return form.fullmatch(cell) is not None and (cell[:6] in known or cell[:6] in ours)

        return self._share_of(judge)

    def member(self, values: Iterable[str]) -> float:
        """Share of the cells that are among `values`."""
        known = frozenset(values)
        return self._share_of(lambda cell: cell in known)

    def _share_of(self, judge: Callable[[str], bool]) -> float:
        if not self.cells:
            return 0.0
        return sum(count for cell, count in self.counts.items() if judge(cell)) / len(self.cells)

    def _judged(self, judge: Callable[[list[str]], list[bool]]) -> float:
        if not self.cells:
            return 0.0
        values = list(self.counts)
        right = [v for v, good in zip(values, judge(values), strict=True) if good]
        return sum(self.counts[value] for value in right) / len(self.cells)


def profiles(rows: pl.DataFrame) -> list[Profile]:
    """One for each column of a sample (all String)."""
    return [profile(series.name, series.to_list()) for series in rows]


def profile(name: str, cells: Sequence[str | None]) -> Profile:
    """Of one column's cells as they were read."""
    kept: list[str] = []
    nulls: dict[str, None] = {}
    for cell in cells:
        text = narrow(cell or "")
        if text.lower() in MARKS or text in WORDS:
            nulls[(cell or "").strip(EDGES)] = None
        if text and text.lower() not in MARKS:
            kept.append(text)
    meaning = [cell for cell in kept if cell not in WORDS]
    return Profile(name, tuple(meaning), len(cells), tuple(nulls))


def narrow(cell: str) -> str:
    """Half-width and trimmed."""
    return unicodedata.normalize("NFKC", cell).strip(EDGES)


def _right_uscc(values: list[str]) -> list[bool]:
    codes = pl.Series([re.sub(r"[\s\-]", "", value).upper() for value in values], dtype=pl.String)
    verdicts = uscc_verdicts(codes)
    return [verdict == FINE for verdict in verdicts.to_list()]
