"""Sites of before: the disclosures of a site from when their states were fewer are taken over.

Every disclosure goes the legal way to the state that it had, with one decision per state that says
so, and keeps its permanent address, its two people and its release. Frozen: tables of 0001.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from hub.instant import utc_now
from hub.migrations import aside

_OLD, _SUFFIX = "disclosure", "_before"
KEPT = (
    "decision_before",
)  # of then, whose decisions had no act; nobody reads it, nothing is lost
# The way to each state of before, in the acts of 0001; `pending` is where all begin.
_WAYS = {
    "pending": (),
    "approved": (("review", "reviewed"), ("approve", "approved")),
    "published": (("review", "reviewed"), ("approve", "approved"), ("publish", "published")),
    "rejected": (("reject", "rejected"),),
    "blocked": (("block", "blocked"),),
    "withdrawn": (("take_back", "withdrawn"),),
}


def set_aside(connection: Connection) -> bool:
    """Make room for today's tables where the site has the ones of before; whether it has."""
    found = inspect(connection)
    if not found.has_table(_OLD):
        return False
    if "first_by" not in {column["name"] for column in found.get_columns(_OLD)}:
        return False
    aside.set_aside(connection, _OLD, _SUFFIX)
    aside.set_aside(connection, "decision", _SUFFIX)
    return True


def take_over(connection: Connection) -> None:
    """Fill the table of disclosures from the one that was set aside, which goes."""
    for (number,) in connection.execute(text("SELECT id FROM dataset ORDER BY id")).all():
        _take_over_dataset(connection, int(number))
    aside.drop(connection, _OLD, _SUFFIX)


def _take_over_dataset(connection: Connection, number: int) -> None:
    words = {
        "number": number,
        "begun": _decision(connection, number, "ask"),
        "day": utc_now()[:10],
    }
    connection.execute(text(_BEGIN), words)
    connection.execute(text(_BEGUN), words)
    for state, way in _WAYS.items():
        before = "pending"
        for act, target in way:
            made = {"number": number, "was": state, "state": target, "before": before}
            made |= {"decision": _decision(connection, number, act), "day": words["day"]}
            connection.execute(text(_MOVE), made)
            connection.execute(text(_MOVED), made)
            before = target


def _decision(connection: Connection, number: int, act: str) -> int:
    row = {"number": number, "act": act, "at": utc_now()}
    return int(connection.scalar(text(_DECIDE), row) or 0)


# The department isn't known yet; the next refresh sets it, because the program has changed since.
_BEGIN = """
INSERT INTO disclosure (dataset_id, key, record_id, department, seq, view_digest, state,
    decision_id, why, needs, reviewed_by, release)
SELECT dataset_id, key, record_id, '-', seq, view_digest, 'pending', :begun, reason, 0,
    CASE WHEN second_by IS NULL THEN NULL ELSE first_by END, release
FROM disclosure_before WHERE dataset_id = :number
"""
_BEGUN = """
INSERT INTO move (dataset_id, record_id, state_before, state, decision_id, seq)
SELECT dataset_id, record_id, NULL, 'pending', :begun, seq
FROM disclosure_before WHERE dataset_id = :number
"""
_MOVE = """
UPDATE disclosure SET state = CAST(:state AS VARCHAR(16)), decision_id = :decision,
    approved_by = old.second_by,
    approved_digest = CASE WHEN old.second_by IS NULL THEN NULL ELSE old.view_digest END,
    approved_seq = CASE WHEN old.second_by IS NULL THEN NULL ELSE old.seq END,
    published_on = CASE WHEN CAST(:state AS VARCHAR(16)) = 'published'
        THEN coalesce(substr(old.second_at, 1, 10), CAST(:day AS VARCHAR(10))) END
FROM disclosure_before AS old
WHERE old.dataset_id = :number AND old.state = :was
    AND disclosure.dataset_id = old.dataset_id AND disclosure.key = old.key
"""
_MOVED = """
INSERT INTO move (dataset_id, record_id, state_before, state, decision_id, seq)
SELECT dataset_id, record_id, CAST(:before AS VARCHAR(16)), CAST(:state AS VARCHAR(16)), :decision,
    seq
FROM disclosure_before WHERE dataset_id = :number AND state = :was
"""
_DECIDE = """
INSERT INTO decision (dataset_id, act, actor, reason_code, reason, legal_basis, rule, records,
    decided_at)
VALUES (:number, :act, 'hub', 'taken_over', 'taken over from an earlier version of the hub', '-',
    'upgrade', 0, :at)
RETURNING id
"""
