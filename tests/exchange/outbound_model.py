"""A province in this process, which loses answers, dies, comes late and mixes things up as it is told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import yaml

from exchange_schemas.errors import TargetUnavailable
from exchange_schemas.issue import Issue
from hub.outbound import parcel as parts
from hub.outbound.fake_book import REJECTED, Book
from hub.outbound.parcel import Parcel
from hub.outbound.way import Files, Returned, Sent

#: A table with few columns, so that many steps take little time.
SMALL = {
    "table": "small", "title": {"zh": "小", "en": "Small"}, "dataset": "administrative_penalty",
    "version": "2", "identity": ["CF_WSH", "CF_XDR_MC"],
    "columns": {
        "CF_WSH": {"title": "文号", "length": 64, "required": True},
        "CF_XDR_MC": {"title": "名称", "length": 200, "required": True},
        "CF_NR": {"title": "内容", "length": 4000},
    },
    "fields": {"CF_WSH": "doc_no", "CF_XDR_MC": "subject_name", "CF_NR": "content"},
}  # fmt: skip


def write_small(folder: Path) -> None:
    """The table beside the targets."""
    folder.mkdir(exist_ok=True)
    text = yaml.safe_dump(SMALL, allow_unicode=True, sort_keys=False)
    (folder / "table-small.yml").write_text(text, encoding="utf-8")


class Crash(BaseException):
    """The hub's process dies."""


@dataclass
class ModelWay:
    """A `way.Way`. `next` is what the next parcel meets: take, lose (taken, and the answer is lost),
    away, half (of the taken ones only some are answered), crash (dies when it was taken), early (dies
    before), later (the province has it, and answers when it is asked)."""

    book: Book
    chance: random.Random
    next: list[str] = field(default_factory=list)
    unsaid: list[tuple[str, str, str]] = field(default_factory=list)  # flow, state, reason
    said: list[list[tuple[str, str, str]]] = field(default_factory=list)

    def send(self, parcel: Parcel) -> Sent:
        met = self.next.pop(0) if self.next else "take"
        if met == "away":
            raise TargetUnavailable(Issue("target_away", params={"reason": "it is dark"}))
        if met == "early":
            raise Crash
        answers = [self._taken(row) for row in parcel.rows.iter_rows(named=True)]
        if met == "crash":
            raise Crash
        if met == "later":
            self.unsaid += answers
            return Sent(handed=True)
        if met == "lose":
            return Sent(
                error=TargetUnavailable(Issue("target_away", params={"reason": "no answer"}))
            )
        if met == "half":
            self.chance.shuffle(answers)
            answers = answers[: len(answers) // 2]
        return Sent(_frame(answers))

    def _taken(self, row: dict[str, object]) -> tuple[str, str, str]:
        fields = {n: str(row[n]) for n in SMALL["columns"] if row[n]}  # type: ignore[attr-defined]
        named = (str(row[parts.FLOW]), str(row[parts.ITEM]))
        state, reason = self.book.take(
            *named, int(str(row[parts.SEQ])), str(row[parts.OPERATION]), fields
        )
        return named[0], "refused" if state == REJECTED else "taken", reason

    def collect(self, known: Files, flows: pl.Series) -> Iterator[Returned]:
        """Some of what wasn't said, mixed with what was said before."""
        self.chance.shuffle(self.unsaid)
        count = self.chance.randint(0, len(self.unsaid))
        now, self.unsaid = self.unsaid[:count], self.unsaid[count:]
        if self.said and self.chance.random() < 0.3:
            now += self.chance.choice(self.said)
        if now:
            self.said = [*self.said[-20:], now]
            yield Returned(_frame(now))

    def close(self) -> None:
        """Nothing is open."""


def _frame(answers: list[tuple[str, str, str]]) -> pl.DataFrame:
    rows = [
        (flow, state, "R" if state == "refused" else None, why) for flow, state, why in answers
    ]
    return pl.DataFrame(rows, schema=parts.ANSWERS, orient="row")
