"""The moves of disclosures as triggers: what isn't in `states.ACTS` can't be stored, by anybody.

Each change of a state needs a decision of its own and is written to `move` by the database, so that
the history has every move whatever program made it. A disclosure is never deleted, and what
identifies it never changes.
"""

from __future__ import annotations

from sqlalchemy import Table

from hub.states import FIRST, moves
from hub.triggers import add

_FIXED = ("dataset_id", "key", "record_id")


def _in(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{word}'" for word in words) + ")"


def _legal() -> str:
    pairs = [
        f"(OLD.state = '{source}' AND NEW.state IN {_in(targets)})"
        for source, targets in moves().items()
        if targets
    ]
    return " OR ".join(pairs)


_ILLEGAL = f"OLD.state <> NEW.state AND (OLD.decision_id = NEW.decision_id OR NOT ({_legal()}))"
_OTHER = " OR ".join(f"OLD.{name} <> NEW.{name}" for name in _FIXED)
_WRONG = f"({_ILLEGAL}) OR {_OTHER}"
_BEGINS_WRONG = f"NEW.state NOT IN {_in(FIRST)}"

# Moves are written by the database: on PostgreSQL once per statement, out of all its rows.
_INTO_MOVE = "INSERT INTO move (dataset_id, record_id, state_before, state, decision_id, seq)"

_SQLITE = (
    f"""
    CREATE TRIGGER disclosure_moves BEFORE UPDATE ON disclosure WHEN {_WRONG}
    BEGIN SELECT RAISE(ABORT, 'illegal move of a disclosure'); END
    """,
    f"""
    CREATE TRIGGER disclosure_begins BEFORE INSERT ON disclosure WHEN {_BEGINS_WRONG}
    BEGIN SELECT RAISE(ABORT, 'illegal beginning of a disclosure'); END
    """,
    """
    CREATE TRIGGER disclosure_stays BEFORE DELETE ON disclosure
    BEGIN SELECT RAISE(ABORT, 'a disclosure is never deleted'); END
    """,
    f"""
    CREATE TRIGGER disclosure_moved AFTER UPDATE OF state ON disclosure
    WHEN OLD.state <> NEW.state
    BEGIN
        {_INTO_MOVE} VALUES (NEW.dataset_id, NEW.record_id, OLD.state, NEW.state,
            NEW.decision_id, NEW.seq);
    END
    """,
    f"""
    CREATE TRIGGER disclosure_begun AFTER INSERT ON disclosure
    BEGIN
        {_INTO_MOVE} VALUES (NEW.dataset_id, NEW.record_id, NULL, NEW.state,
            NEW.decision_id, NEW.seq);
    END
    """,  # noqa: S608 - our own words
)

_POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION disclosure_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'illegal move of a disclosure'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION disclosure_moved() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {_INTO_MOVE}
        SELECT n.dataset_id, n.record_id, o.state, n.state, n.decision_id, n.seq
        FROM n JOIN o ON o.dataset_id = n.dataset_id AND o.key = n.key
        WHERE n.state <> o.state;
        RETURN NULL;
    END $$
    """,  # noqa: S608 - our own words
    f"""
    CREATE OR REPLACE FUNCTION disclosure_begun() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {_INTO_MOVE}
        SELECT n.dataset_id, n.record_id, NULL, n.state, n.decision_id, n.seq FROM n;
        RETURN NULL;
    END $$
    """,  # noqa: S608 - our own words
    f"""
    CREATE TRIGGER disclosure_moves BEFORE UPDATE ON disclosure FOR EACH ROW
    WHEN ({_WRONG}) EXECUTE FUNCTION disclosure_refuse()
    """,
    f"""
    CREATE TRIGGER disclosure_begins BEFORE INSERT ON disclosure FOR EACH ROW
    WHEN ({_BEGINS_WRONG}) EXECUTE FUNCTION disclosure_refuse()
    """,
    """
    CREATE TRIGGER disclosure_stays BEFORE DELETE OR TRUNCATE ON disclosure
    FOR EACH STATEMENT EXECUTE FUNCTION disclosure_refuse()
    """,
    """
    CREATE TRIGGER disclosure_moved AFTER UPDATE ON disclosure
    REFERENCING OLD TABLE AS o NEW TABLE AS n
    FOR EACH STATEMENT EXECUTE FUNCTION disclosure_moved()
    """,
    """
    CREATE TRIGGER disclosure_begun AFTER INSERT ON disclosure
    REFERENCING NEW TABLE AS n
    FOR EACH STATEMENT EXECUTE FUNCTION disclosure_begun()
    """,
)


def guard(disclosure: Table) -> None:
    """Have the triggers made together with the table, on SQLite and on PostgreSQL."""
    add(disclosure, "sqlite", *_SQLITE)
    add(disclosure, "postgresql", *_POSTGRESQL)
