"""What became of filings: one file each, written by the hub, without anybody's personal data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from publisher.filing_number import is_number
from publisher.filings import KINDS

RECEIVED = "received"
# received: the hub took it in; in_handling: somebody works at it; consent: a third party is asked;
# granted, refused: of an objection or a repair; answered: of anything else.
STATES = (RECEIVED, "in_handling", "consent", "granted", "refused", "answered")


@dataclass(frozen=True, slots=True)
class Answer:
    """The state of one filing. Days are written as 2026-01-31; `due` is the legal time limit."""

    number: str
    kind: str
    dataset: str
    state: str
    filed_on: str
    due: str | None = None
    answered_on: str | None = None
    answer_zh: str | None = None
    answer_en: str | None = None

    def text(self, chinese: bool) -> str | None:
        """The answer in the reader's language, or in the other where there is only that."""
        own, other = self.answer_zh, self.answer_en
        return (own or other) if chinese else (other or own)


def read_answer(folder: Path, number: str) -> Answer | None:
    """`<folder>/<number>.json`; None where the hub hasn't said anything yet.

    Members that aren't `Answer`'s are left unread. Raises Corrupt (answer_unreadable).
    """
    if not is_number(number):
        return None
    try:
        told = json.loads((folder / f"{number}.json").read_bytes())
        answer = Answer(**{name: told[name] for name in Answer.__slots__ if name in told})
        _check(answer, number)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        words = {"reason": str(error)}
        raise Corrupt(Issue("answer_unreadable", value=number, params=words)) from error
    return answer


def _check(answer: Answer, number: str) -> None:
    texts = [getattr(answer, name) for name in Answer.__slots__]
    if answer.number != number or not all(one is None or isinstance(one, str) for one in texts):
        raise ValueError("it is of another filing, or has values that aren't texts")
    if answer.state not in STATES or answer.kind not in KINDS:
        raise ValueError(f"it has the state {answer.state} and the kind {answer.kind}")
