"""Sites from before schemas had numbers: brought to schema 0001, as it was done when it began.

Frozen: it knows the tables of 0001 only. Tables and columns that are missing are made, tables that
differ otherwise (from having been patched before) are made anew with their rows, disclosures from when
their states were fewer go the legal way to the state that they had, and a consumer's one key and its
list of datasets become a key and grants. No trigger is there meanwhile, so moves are written here.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, inspect

from hub.migrations import aside, before_consumers, before_disclosures
from hub.migrations.first import SCHEMA
from hub.migrations.shape import differences, shape_of, shape_of_new
from hub.progress import Progress

# What stands for null where an older program left a column empty that mustn't be: what programs of
# then gave it themselves.
FILL: Mapping[str, Mapping[str, str]] = {}


def bring(connection: Connection, progress: Progress) -> None:
    """Make schema 0001 of the site's database, whatever it has, in the caller's transaction."""
    found = inspect(connection)
    for kept in before_disclosures.KEPT:
        if found.has_table(kept):
            aside.free_names(connection, kept)
    aside.drop_foreign_keys(connection, SCHEMA)
    old = before_disclosures.set_aside(connection)
    wanted = shape_of_new(connection, SCHEMA)
    differing = differences(shape_of(connection, SCHEMA.tables), wanted)
    dropped = "foreign key " if connection.dialect.name == "postgresql" else None
    again = [name for name, what in differing.items() if _is_more(what, dropped)]
    for name in again:
        aside.set_aside(connection, name)
    SCHEMA.create_all(connection)
    for table in SCHEMA.sorted_tables:
        if table.name in again:
            progress.step(table.name)
            aside.copy(connection, table, _fill(table.name, wanted))
            aside.drop(connection, table.name)
    aside.make_foreign_keys(connection, SCHEMA)
    if old:
        progress.step("disclosure")
        before_disclosures.take_over(connection)
    before_consumers.take_over(connection)


def renamed(rows: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """The rows of before under the names that their tables have now: decisions of then were kept aside."""
    kept = before_disclosures.KEPT[0]
    if "decision" in rows and kept in after and kept not in rows:
        return {**rows, kept: rows["decision"], "decision": 0}
    return dict(rows)


def _is_more(what: list[str], dropped: str | None) -> bool:
    """Whether a table is there and differs in more than what was dropped here."""
    rest = [one for one in what if dropped is None or not one.startswith(dropped)]
    return bool(rest) and rest != ["missing"]


def _fill(name: str, wanted: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Column → what a new row gets, of the columns that may not be null."""
    made = {}
    for word, wording in wanted[name].items():
        _, _, default = wording.partition(" NOT NULL DEFAULT ")
        if word.startswith("column ") and default and "nextval" not in default:
            made[word.removeprefix("column ")] = default
    return {**made, **FILL.get(name, {})}
