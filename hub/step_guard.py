"""What the databases hold a procedure to: no move without its step, and no step ever undone.

Which steps there are is said by a CHECK of the table of steps. These triggers add that a case or a ticket
moves only by its next step, that what was sent can't be rewritten, and that history is append-only.
"""

from __future__ import annotations

from sqlalchemy import DDL, Table, event


def guard_moves(
    table: Table, steps: Table, reference: str, fixed: tuple[str, ...], also: str = "1 = 0"
) -> None:
    """Hold `table` (state, step) to its `steps` (state_before, state, number, and `reference`).

    Columns of `fixed` never change; `also` is what else is wrong, in words of SQL (OLD, NEW). Rows are
    never deleted.
    """
    other = " OR ".join(f"OLD.{name} <> NEW.{name}" for name in fixed)
    no_step = f"""(OLD.state <> NEW.state OR OLD.step <> NEW.step) AND NOT EXISTS (
        SELECT 1 FROM {steps.name} s WHERE s.{reference} = NEW.id AND s.number = NEW.step
        AND NEW.step = OLD.step + 1 AND s.state_before = OLD.state AND s.state = NEW.state)
    """  # noqa: S608 - our own names
    wrong = f"({other}) OR ({no_step}) OR ({also})"
    name = table.name
    _add(table, "sqlite", _sqlite_moves(name, wrong), *_sqlite_keep(name, ("DELETE",)))
    _add(
        table, "postgresql", *_postgresql_moves(name, wrong), *_postgresql_keep(name, ("DELETE",))
    )


def guard_history(table: Table) -> None:
    """Hold a table to be append-only."""
    _add(table, "sqlite", *_sqlite_keep(table.name, ("UPDATE", "DELETE")))
    _add(table, "postgresql", *_postgresql_keep(table.name, ("UPDATE", "DELETE")))


def _sqlite_moves(name: str, wrong: str) -> str:
    return f"""
    CREATE TRIGGER {name}_moves BEFORE UPDATE ON {name} WHEN {wrong}
    BEGIN SELECT RAISE(ABORT, 'illegal change of a {name}'); END
    """


def _postgresql_moves(name: str, wrong: str) -> tuple[str, str]:
    return (
        f"""
        CREATE OR REPLACE FUNCTION {name}_moves() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {wrong} THEN
                RAISE EXCEPTION 'illegal change of a {name}'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        f"""
        CREATE TRIGGER {name}_moves BEFORE UPDATE ON {name} FOR EACH ROW
        EXECUTE FUNCTION {name}_moves()
        """,
    )


def _sqlite_keep(name: str, acts: tuple[str, ...]) -> list[str]:
    return [
        f"""
        CREATE TRIGGER {name}_no_{act.lower()} BEFORE {act} ON {name}
        BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END
        """
        for act in acts
    ]


def _postgresql_keep(name: str, acts: tuple[str, ...]) -> tuple[str, str]:
    return (
        f"""
        CREATE OR REPLACE FUNCTION {name}_keep() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{name} is append-only'
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        f"""
        CREATE TRIGGER {name}_keep BEFORE {" OR ".join((*acts, "TRUNCATE"))} ON {name}
        FOR EACH STATEMENT EXECUTE FUNCTION {name}_keep()
        """,
    )


def _add(table: Table, dialect: str, *statements: str) -> None:
    for statement in statements:
        made = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", made)
