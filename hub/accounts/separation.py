"""The separation of offices, held by the database: whoever holds one has no role, and the other way round."""

from __future__ import annotations

from sqlalchemy import Table

from hub.triggers import add

_HOLDS = "SELECT 1 FROM account a WHERE a.person = NEW.person AND a.office IS NOT NULL"
_HAS = "SELECT 1 FROM person_role r WHERE r.person = NEW.person AND r.revoked_at IS NULL"
_WORDS = "an office and a role do not go together"


def keep_apart(account: Table, role: Table) -> None:
    """Hold the two tables apart with triggers, on SQLite and PostgreSQL."""
    for table, wrong in ((role, f"NEW.revoked_at IS NULL AND EXISTS ({_HOLDS})"),
                         (account, f"NEW.office IS NOT NULL AND EXISTS ({_HAS})")):  # fmt: skip
        for act in ("INSERT", "UPDATE"):
            add(account, "sqlite", _sqlite(table.name, act, wrong))
        add(account, "postgresql", *_postgresql(table.name, wrong))


def _sqlite(name: str, act: str, wrong: str) -> str:
    return f"""
    CREATE TRIGGER {name}_apart_{act.lower()} BEFORE {act} ON {name} WHEN {wrong}
    BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END
    """


def _postgresql(name: str, wrong: str) -> tuple[str, str]:
    return (
        f"""
        CREATE OR REPLACE FUNCTION {name}_apart() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- one at a time: neither of two transactions would see what the other gives
            PERFORM pg_advisory_xact_lock(hashtext('apart ' || NEW.person));
            IF {wrong} THEN
                RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        f"""
        CREATE TRIGGER {name}_apart BEFORE INSERT OR UPDATE ON {name} FOR EACH ROW
        EXECUTE FUNCTION {name}_apart()
        """,
    )
