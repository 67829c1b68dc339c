"""What has left the public since its dataset was published last: the release still shows it.

A release is made anew for it at once, by whoever moved it, or else by the next sweep: what a killed
process left undone is found here, because the dataset remembers up to which move it was published.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

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


def note_published(connection: Connection, number: int, release: int) -> None:
    """Remember that the release which is put in place now knows of all moves of the dataset.

    The caller holds the dataset's lock, so that no move can be under way.
    """
    last = select(func.coalesce(func.max(move.c.id), 0)).where(move.c.dataset_id == number)
    mine = dataset.c.id == number
    connection.execute(
        update(dataset)
        .where(mine)
        .values(published_move=last.scalar_subquery(), published_release=release)
    )
