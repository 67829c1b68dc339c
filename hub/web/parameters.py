"""Query parameters of the exchange, read strictly: a misspelt one must not pass unnoticed."""

from __future__ import annotations

from http import HTTPStatus

from werkzeug.datastructures import MultiDict

from exchange_schemas.issue import Issue
from hub.exchange import MAX_LIMIT
from hub.web.problem import Problem

DEFAULT_LIMIT = 1_000
LARGEST_SEQ = 2**63 - 1  # what the ledger's column can hold
LARGEST_ID = 2**31 - 1  # what the column of a table's own numbers can hold

LARGEST_VERSION = 9_999

KNOWN = ("after", "limit", "version")


def read_entries_parameters(given: MultiDict[str, str]) -> tuple[int, int, str | None]:
    """(after, limit, version); raises Problem 400 naming the parameter."""
    _check_known(given, KNOWN)
    after = _whole_number(given, "after", 0, 0, LARGEST_SEQ)
    limit = _whole_number(given, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
    if "version" not in given:
        return after, limit, None
    return after, limit, str(_whole_number(given, "version", 1, 1, LARGEST_VERSION))


def read_after(given: MultiDict[str, str]) -> int:
    """`after`, where it is the only parameter; raises Problem 400 naming the one that is wrong."""
    _check_known(given, ("after",))
    return _whole_number(given, "after", 0, 0, LARGEST_ID)


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


def _refuse(issue: Issue) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, issue)
