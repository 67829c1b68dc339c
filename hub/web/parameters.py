"""Query parameters of the exchange, read strictly: a misspelt one must not pass unnoticed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from werkzeug.datastructures import MultiDict

from exchange_schemas.issue import Issue
from hub.exchange.entries import MAX_LIMIT
from hub.web.problem import Problem

DEFAULT_LIMIT = 1_000
LARGEST_SEQ = 2**63 - 1  # what the ledger's column can hold
LARGEST_ID = 2**31 - 1  # what the column of a table's own numbers can hold

LARGEST_VERSION = 9_999

LONGEST_WAIT = 30  # seconds that a request may wait for new entries
ORDERS = ("asc", "desc")
KNOWN = ("after", "before", "limit", "version", "wait", "order")

_SEGMENT = re.compile(
    r"([1-9][0-9]{0,18})-([1-9][0-9]{0,18})\.([1-9][0-9]{0,8})\.(ndjson\.zst|parquet)"
)
_SNAPSHOT = re.compile(r"([1-9][0-9]{0,18})\.ndjson\.zst")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries a request is after: `limit` of after < seq < `before`, from the low end on, or
    (`backwards`) from the high end down. `wait` is how many seconds it may wait for the first."""

    after: int
    before: int | None
    limit: int
    version: str | None
    wait: int
    backwards: bool


def read_entries_parameters(given: MultiDict[str, str]) -> Asked:
    """What is asked for; raises Problem 400 naming the parameter."""
    _check_known(given, KNOWN)
    asked = Asked(
        after=_whole_number(given, "after", 0, 0, LARGEST_SEQ),
        before=_whole_number(given, "before", 0, 1, LARGEST_SEQ) if "before" in given else None,
        limit=_whole_number(given, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        version=str(_whole_number(given, "version", 1, 1, LARGEST_VERSION))
        if "version" in given
        else None,
        wait=_whole_number(given, "wait", 0, 0, LONGEST_WAIT),
        backwards=_one_of(given, "order", ORDERS) == "desc",
    )
    # Only what comes at the end of the stream can be waited for.
    if asked.wait and (asked.backwards or asked.before is not None):
        words = {"expected": "0 with before, order=desc"}
        raise _refuse(Issue("parameter_wrong", field="wait", value=str(asked.wait), params=words))
    return asked


def read_numbers(
    given: MultiDict[str, str], needed: tuple[str, ...], more: tuple[str, ...] = ()
) -> dict[str, int | None]:
    """Whole numbers from 1 to `LARGEST_SEQ`, of which `more` may be left out (None); raises Problem
    400 naming the one that is wrong or missing."""
    _check_known(given, (*needed, *more))
    least = {name: _whole_number(given, name, 0, 1, LARGEST_SEQ) for name in (*needed, *more)}
    for name in needed:
        if not least[name]:
            words = {"expected": f"1…{LARGEST_SEQ}"}
            raise _refuse(Issue("parameter_wrong", field=name, value="", params=words))
    return {name: number or None for name, number in least.items()}


def segment_named(name: str) -> tuple[int, int, int, str] | None:
    """(first, last, edition, format) of a segment's file name; None for any other text."""
    found = _SEGMENT.fullmatch(name)
    return found and (int(found[1]), int(found[2]), int(found[3]), found[4])


def snapshot_named(name: str) -> int | None:
    """The sequence number of a snapshot's file name; None for any other text."""
    found = _SNAPSHOT.fullmatch(name)
    return found and int(found[1])


def read_after(given: MultiDict[str, str]) -> int:
    """`after`, where it is the only parameter; raises Problem 400 naming the one that is wrong."""
    _check_known(given, ("after",))
    return _whole_number(given, "after", 0, 0, LARGEST_ID)


def read_receipts_parameters(
    given: MultiDict[str, str], states: tuple[str, ...]
) -> tuple[int, str | None]:
    """(after, state), of which state is one of `states` or None; raises Problem 400."""
    _check_known(given, ("after", "state"))
    after = _whole_number(given, "after", 0, 0, LARGEST_SEQ)
    return after, _one_of(given, "state", ("", *states)) or None


def read_no_parameters(given: MultiDict[str, str]) -> None:
    """Raises Problem 400 where there is any."""
    _check_known(given, ())


def _check_known(given: MultiDict[str, str], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            words = {"known": ", ".join(known)}
            raise _refuse(Issue("parameter_unknown", value=name[:64], params=words))


def _whole_number(
    given: MultiDict[str, str], name: str, default: int, least: int, most: int
) -> int:
    values = given.getlist(name)
    if not values:
        return default
    text = values[0]
    # 19 digits hold LARGEST_SEQ; a longer text is refused before it is turned into a number.
    plain = len(values) == 1 and text.isascii() and text.isdigit() and len(text) <= 19
    if not plain or not least <= int(text) <= most:
        words = {"expected": f"{least}…{most}"}
        raise _refuse(Issue("parameter_wrong", field=name, value=text[:64], params=words))
    return int(text)


def _one_of(given: MultiDict[str, str], name: str, words: tuple[str, ...]) -> str:
    """The first of `words` where the parameter isn't given."""
    values = given.getlist(name) or [words[0]]
    if len(values) > 1 or values[0] not in words:
        told = {"expected": ", ".join(words)}
        raise _refuse(Issue("parameter_wrong", field=name, value=values[0][:64], params=told))
    return values[0]


def _refuse(issue: Issue) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, issue)
