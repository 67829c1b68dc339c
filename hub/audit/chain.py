"""The chain of the audit log: what each entry's digest is taken of, and whether all of them fit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, select

from exchange_schemas.errors import Corrupt
from exchange_schemas.issue import Issue
from hub.audit.tables import audit_entry, audit_head

ORIGIN = hashlib.sha256(b"exchange-hub audit log v1\n").digest()  # `before` of the first entry
FIELDS = ("number", "at", "person", "act", "subject", "outcome", "way", "address", "details")
BLOCK = 10_000  # entries that are read at a time


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log ends: its last number and digest (hex). Whoever wrote these down somewhere else
    can prove later that nothing up to there was changed."""

    number: int
    digest: str
    first: int


def digest_of(before: bytes, entry: Mapping[Any, Any]) -> bytes:
    """SHA-256 of the digest before it and of the entry's `FIELDS` as JSON with sorted keys."""
    told = {name: entry[name] for name in FIELDS}
    return hashlib.sha256(before + orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest()


def head(connection: Connection) -> Head:
    """Where the log is; number 0 where nothing was ever noted."""
    row = connection.execute(select(audit_head)).one_or_none()
    if row is None:
        return Head(0, ORIGIN.hex(), 1)
    return Head(row.number, bytes(row.digest).hex(), row.first)


def verify(connection: Connection) -> Head:
    """Go through the whole log; returns where it is.

    Raises Corrupt (audit_broken) with the number of the first entry that is missing or isn't as it was.
    """
    row = connection.execute(select(audit_head)).one_or_none()
    number, before = (row.first - 1, bytes(row.first_before)) if row else (0, ORIGIN)
    query = select(audit_entry).order_by(audit_entry.c.number)
    rows = connection.execute(query, execution_options={"yield_per": BLOCK})
    for entry in rows.mappings():
        number += 1
        right = entry["number"] == number and bytes(entry["before"]) == before
        before = digest_of(before, entry)
        if not right or bytes(entry["digest"]) != before:
            raise Corrupt(Issue("audit_broken", value=str(number)))
    if (number, before) != ((row.number, bytes(row.digest)) if row else (0, ORIGIN)):
        raise Corrupt(Issue("audit_broken", value=str(number + 1)))
    return head(connection)
