"""What the databases hold a procedure to: no move without its step, and no step ever undone.

Which steps there are is said by a CHECK of the table of steps. These triggers add that a case or a ticket
moves only by its next step, that what was sent can't be rewritten, and that history is append-only.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint

from hub.triggers import add


def one_of(words: Iterable[str]) -> str:
    """The words as a list of SQL."""
    return ", ".join(f"'{word}'" for word in words)


def legal(begin: str, first: Iterable[str], moves: Iterable[tuple[str, str, str]]) -> str:
    """The CHECK of a table of steps: `begin` leads to one of the states `first`, and later ones are
    `moves` (act, state before, state after)."""
    begun = (
        f"act = '{begin}' AND number = 1 AND state_before IS NULL AND state IN ({one_of(first)})"
    )
    later = " OR ".join(
        f"(act = '{act}' AND state_before = '{before}' AND state = '{after}')"
        for act, before, after in moves
    )
    return f"({begun}) OR (number > 1 AND ({later}))"


def guard_moves(
    table: Table,
    steps: Table,
    reference: str,
    fixed: tuple[str, ...],
    stepwise: tuple[str, ...],
    also: str = "1 = 0",
) -> None:
    """Hold `table` (state, step) to its `steps` (state_before, state, number, and `reference`).

    Columns of `fixed` never change, those of `stepwise` only with a step; `also` is what else is wrong,
    in words of SQL (OLD, NEW). Rows are never deleted.
    """
    other = _changes(fixed)
    no_step = f"""(OLD.state <> NEW.state OR OLD.step <> NEW.step) AND NOT EXISTS (
        SELECT 1 FROM {steps.name} s WHERE s.{reference} = NEW.id AND s.number = NEW.step
        AND NEW.step = OLD.step + 1 AND s.state_before = OLD.state AND s.state = NEW.state)
    """  # noqa: S608 - our own names
    still = f"OLD.step = NEW.step AND ({_changes(stepwise)})"
    wrong = f"({other}) OR ({no_step}) OR ({still}) OR ({also})"
    name = table.name
    add(table, "sqlite", _sqlite_moves(name, wrong), *_sqlite_keep(table, ("DELETE",)))
    add(table, "postgresql", *_postgresql_moves(name, wrong), *_postgresql_keep(name, ("DELETE",)))


def guard_history(table: Table) -> None:
    """Hold a table to be append-only."""
    add(table, "sqlite", *_sqlite_keep(table, ("UPDATE", "DELETE")))
    add(table, "postgresql", *_postgresql_keep(table.name, ("UPDATE", "DELETE")))


def guard_kept(table: Table, column: str, days: int) -> None:
    """Hold a table to be append-only, but for rows whose instant in `column` is more than `days` ago:
    these may be deleted."""
    name = table.name
    young = f"OLD.{column} >= strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{days} days')"
    add(
        table,
        "sqlite",
        *_sqlite_keep(table, ("UPDATE",)),
        f"""
        CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} WHEN {young}
        BEGIN SELECT RAISE(ABORT, '{name} is kept for {days} days'); END
        """,
    )
    add(
        table,
        "postgresql",
        *_postgresql_keep(name, ("UPDATE",)),
        *_postgresql_young(name, column, days),
    )


def _postgresql_young(name: str, column: str, days: int) -> tuple[str, str]:
    return (
        f"""
        CREATE OR REPLACE FUNCTION {name}_young() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.{column} >= to_char((now() - interval '{days} days') AT TIME ZONE 'UTC',
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') THEN
                RAISE EXCEPTION '{name} is kept for {days} days'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN OLD;
        END $$
        """,
        f"""
        CREATE TRIGGER {name}_young BEFORE DELETE ON {name} FOR EACH ROW
        EXECUTE FUNCTION {name}_young()
        """,
    )


def _changes(names: tuple[str, ...]) -> str:
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in names)


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


def _sqlite_keep(table: Table, acts: tuple[str, ...]) -> list[str]:
    name = table.name
    # INSERT OR REPLACE deletes the row that is in its way without a trigger of DELETE.
    replaced = f"INSERT ON {name} WHEN EXISTS (SELECT 1 FROM {name} old WHERE {_same(table)})"  # noqa: S608
    refused = {"replace": replaced, **{act.lower(): f"{act} ON {name}" for act in acts}}
    return [
        f"""
        CREATE TRIGGER {name}_no_{word} BEFORE {what}
        BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END
        """
        for word, what in refused.items()
    ]


def _same(table: Table) -> str:
    """A new row (NEW) has a key of one that is there (old)."""
    keys = [one for one in table.constraints if isinstance(one, _KEYS)]
    return " OR ".join(
        "("
        + " AND ".join(f"old.{column.name} = NEW.{column.name}" for column in key.columns)
        + ")"
        for key in keys
    )


_KEYS = (PrimaryKeyConstraint, UniqueConstraint)


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
