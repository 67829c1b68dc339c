"""The reference consumer: pulls a dataset by cursor, checks every entry, resumes after any crash.

It knows of the hub only the exchange API, and can serve as a pattern for a consumer of one's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson

from exchange_schemas.errors import Corrupt, Misdeclared, Refused, SourceUnavailable
from exchange_schemas.issue import Issue
from exchange_schemas.record import digest
from hub.received import Received

TIMEOUT = httpx.Timeout(10, read=120)  # seconds; a page waits while the hub appends
WAITS = (0.5, 2.0)  # seconds before the second and the third try
LIMIT = 5_000
REFUSED = "refused"  # the operation of an entry that isn't to be had in the asked version

#: Called after every page with (last sequence number received, the hub's last one).
Told = Callable[[int, int], None]


def consume(
    url: str,
    dataset: str,
    directory: Path,
    key: str,
    *,
    limit: int = LIMIT,
    version: str | None = None,
    told: Told | None = None,
) -> dict[str, Any]:
    """Pull what is new of `dataset` into `directory/<dataset>/`; returns {entries, last, …}.

    `version` asks for records of one version of the standard, and they go to `<dataset>@<version>/`;
    what the hub can't translate comes as an entry without a record, and `refused` counts these.

    Every entry is kept exactly once: a page is kept whole after all of it was checked, under a
    name that is the cursor (see `hub.received`). Raises SourceUnavailable (try again later),
    Refused (key, grant, or another process receives), Corrupt (a wrong digest or a gap).
    """
    received = Received(folder_of(directory, dataset, version))
    refused = 0
    with received.receiving(), client_of(url, key) as client:
        start = after = received.last()
        while True:
            body, last, head = _pull(client, dataset, after, limit, version)
            if head < after:
                words = {"dataset": dataset, "head": str(head)}
                raise Corrupt(Issue("hub_behind", value=str(after), params=words))
            refused += check_page(dataset, body, after, last)
            if last > after:
                received.keep(after + 1, last, body)
            after = last
            if told is not None:
                told(last, head)
            if last >= head:
                counts = {"entries": last - start, "last": last, "head": head}
                return {"dataset": dataset, **counts} | ({"refused": refused} if version else {})


def folder_of(directory: Path, dataset: str, version: str | None) -> Path:
    """Where a dataset's entries go; those of one version have a folder, and so a cursor, of their own."""
    return directory / (f"{dataset}@{version}" if version else dataset)


def check_page(dataset: str, body: bytes, after: int, last: int) -> int:
    """Check that a page has each sequence number after < seq <= `last` once, in order, and that
    every record matches its digest; raises Corrupt naming the first that doesn't. Returns how many
    entries the hub refused to translate."""
    lines = body.removesuffix(b"\n").split(b"\n") if body else []
    refused = 0
    for expected, line in enumerate(lines, after + 1):
        refused += _check_entry(dataset, line, expected) == REFUSED
    if after + len(lines) != last:
        words = {"dataset": dataset, "expected": str(last)}
        raise Corrupt(Issue("page_incomplete", value=str(after + len(lines)), params=words))
    return refused


def _check_entry(dataset: str, line: bytes, expected: int) -> str:
    try:
        entry = orjson.loads(line)
        seq, right = entry["seq"], _is_right(entry)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        words = {"dataset": dataset}
        text = line[:80].decode("utf-8", "backslashreplace")
        raise Corrupt(Issue("entry_unreadable", value=text, params=words)) from error
    if type(seq) is not int or seq != expected:  # true equals 1
        words = {"dataset": dataset, "expected": str(expected)}
        raise Corrupt(Issue("entry_gap", value=str(seq), params=words))
    if not right:
        raise Corrupt(Issue("entry_digest", value=str(seq), params={"dataset": dataset}))
    return str(entry["operation"])


def _is_right(entry: dict[str, Any]) -> bool:
    if entry["operation"] in ("delete", REFUSED):
        return entry["digest"] is None and "record" not in entry
    told = digest(entry["record"]).hex()
    return bool(entry["operation"] == "upsert" and told == entry["digest"])


def client_of(url: str, key: str) -> httpx.Client:
    """A client of the hub's exchange API; raises Misdeclared (parameter_wrong)."""
    try:
        base = httpx.URL(url.rstrip("/").removesuffix("/exchange/v1") + "/exchange/v1/")
    except httpx.InvalidURL as error:
        words = {"expected": "http://HOST:PORT"}
        raise Misdeclared(
            Issue("parameter_wrong", field="URL", value=url, params=words)
        ) from error
    # Redirects aren't followed: they would carry the key to another host.
    return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {key}"}, timeout=TIMEOUT)


def _pull(
    client: httpx.Client, dataset: str, after: int, limit: int, version: str | None
) -> tuple[bytes, int, int]:
    wanted = {"after": str(after), "limit": str(limit)} | ({"version": version} if version else {})
    response = asked(client, f"datasets/{dataset}/entries", wanted)
    try:
        return (
            response.content,
            int(response.headers["X-Last-Seq"]),
            int(response.headers["X-Head-Seq"]),
        )
    except (KeyError, ValueError) as error:
        raise _refused(response, "X-Last-Seq?") from error


def asked(
    client: httpx.Client, path: str, parameters: dict[str, str], method: str = "GET"
) -> httpx.Response:
    """What the hub answers, tried three times; raises SourceUnavailable (hub_unreachable), Refused
    (hub_refused)."""
    reason = ""
    for wait in (*WAITS, None):
        try:
            response = client.request(method, path, params=parameters)
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
        else:
            if response.is_success:
                return response
            if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                raise _refused(response, _reason(response))
            reason = f"{response.status_code} {_reason(response)}"
        if wait is not None:
            time.sleep(wait)
    words = {"tries": str(len(WAITS) + 1), "reason": reason}
    raise SourceUnavailable(Issue("hub_unreachable", value=str(client.base_url), params=words))


def _refused(response: httpx.Response, reason: str) -> Refused:
    words = {"status": str(response.status_code), "reason": reason}
    return Refused(Issue("hub_refused", value=str(response.url), params=words))


def _reason(response: httpx.Response) -> str:
    try:
        problem = response.json()
        return f"{problem['detail']} / {problem['detail_en']}"
    except (ValueError, KeyError, TypeError):
        return response.reason_phrase
