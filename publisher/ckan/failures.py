"""What can go wrong with a CKAN, sorted by what to do: try again later, or tell somebody.

Which one it is follows from the status and from the type that CKAN names. Its texts are localised,
and may quote a record or a token, so they are neither compared nor kept.
"""

from __future__ import annotations

from collections.abc import Iterable

from exchange_schemas.errors import HubError, TargetRefused, TargetUnavailable
from exchange_schemas.issue import Issue


class Unreachable(TargetUnavailable):
    """Nobody answers at the address, or the connection broke."""


class Slow(TargetUnavailable):
    """No answer within the time that a call may take; whether it was done isn't known."""


class Busy(TargetUnavailable):
    """The server has a fault or too much to do (429, 5xx)."""


class IndexDown(TargetUnavailable):
    """CKAN can't reach its search index, and undid the call."""


class Denied(TargetRefused):
    """The token may not do that (401, 403)."""


class Absent(TargetRefused):
    """There is no such thing, or the token may not see it (404)."""


class Conflict(TargetRefused):
    """CKAN doesn't take what it was given (409)."""


class TooLarge(TargetRefused):
    """The call has more bytes than the server takes (413)."""


class Strange(TargetRefused):
    """What answers isn't a CKAN, or its certificate isn't known: the address is wrong."""


#: Kind of failure → code of its issue.
CODES: dict[type[HubError], str] = {
    Unreachable: "ckan_unreachable", Slow: "ckan_slow", Busy: "ckan_busy",
    IndexDown: "ckan_index_down", Denied: "ckan_denied", Absent: "ckan_absent",
    Conflict: "ckan_conflict", TooLarge: "ckan_too_large", Strange: "ckan_strange",
}  # fmt: skip


def failure(
    kind: type[HubError], address: str, action: str, status: int = 0, fields: Iterable[str] = ()
) -> HubError:
    """A failure of an action at an address, with the names of the fields that weren't taken."""
    words = {"action": action, "status": str(status or "–"), "fields": ", ".join(fields) or "–"}
    return kind(Issue(CODES[kind], value=address, params=words))


def of_status(status: int) -> type[HubError]:
    """What a status means where CKAN names no type, e.g. because a proxy answered for it."""
    if status in (429, 408, 425) or status >= 500:
        return Busy
    return {401: Denied, 403: Denied, 404: Absent, 409: Conflict, 413: TooLarge}.get(
        status, Strange
    )
