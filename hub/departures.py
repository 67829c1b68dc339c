"""What has left the public since its dataset was published last: the release still shows it.

A release is made anew for it at once, by whoever moved it, or else by the next sweep: what a killed
process left undone is found here, because the dataset remembers up to which move it was published.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select, update

from hub.states import SHOWABLE
from hub.tables import dataset
from hub.tables_of_review import move


def departed(connection: Connection) -> list[str]:
    """The datasets whose release shows a record that isn't public any more, by name.

    What was only approved counts too: a process that died right after it put a release in place
    left records public that are approved here, as they were before.
    """
    left = select(move.c.id).where(
        move.c.dataset_id == dataset.c.id,
        move.c.id > func.coalesce(dataset.c.published_move, 0),
        move.c.state_before.in_(SHOWABLE),
        move.c.state.not_in(SHOWABLE),
    )
    query = select(dataset.c.name).where(left.exists()).order_by(dataset.c.name)
    return list(connection.scalars(query))


def moves_of(number: int) -> ColumnElement[bool]:
    """The moves of a dataset, looked for by when they were made.

    Adding nothing keeps SQLite from the index by record, which would have all moves of the dataset read
    (0.35 s of three million) where the newest are asked for.
    """
    return move.c.dataset_id + 0 == number


def last_move(connection: Connection, number: int) -> int:
    """The last move of a dataset's disclosures; 0 where there is none."""
    newest = select(move.c.id).where(moves_of(number))
    return int(connection.scalar(newest.order_by(move.c.id.desc()).limit(1)) or 0)


def note_published(connection: Connection, number: int, release: int) -> None:
    """Remember that the release which is put in place now knows of all moves of the dataset.

    The caller holds the dataset's lock, so that no move can be under way.
    """
    told = {"published_move": last_move(connection, number), "published_release": release}
    connection.execute(update(dataset).where(dataset.c.id == number).values(told))
