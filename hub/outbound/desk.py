"""Where one target is worked at: whose it is, what it may have, how its records are written."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub.consumers.consumer import Consumer, list_consumers
from hub.database import write
from hub.exchange.views import View, view_for
from hub.grants.grant import Grant, grant_of
from hub.outbound.identifiers import space
from hub.outbound.mapping import Mapper
from hub.outbound.tables import target_state
from hub.outbound.target import Target
from hub.progress import Progress, Silent
from hub.site import Site


@dataclass(slots=True)
class Desk:
    """`consumer` and `view` are those of today's grant; `standard` is the version that is mapped."""

    site: Site
    engine: Engine
    catalogue: Catalogue
    target: Target
    consumer: Consumer
    grant: Grant
    view: View
    standard: Standard
    mapper: Mapper
    progress: Progress


def open_desk(
    site: Site,
    engine: Engine,
    catalogue: Catalogue,
    target: Target,
    progress: Progress | None = None,
) -> Desk:
    """A desk; the target is registered on first use.

    Raises Misdeclared (target_no_consumer, target_other_site, target_other_view, dataset_unknown), Refused
    (target_no_grant): nobody is given anything without a grant that lives today.
    """
    standard = catalogue.get(target.dataset, target.table.version)
    with write(engine) as connection:
        consumer = consumer_of(connection, target)
        grant = grant_of(connection, consumer, target.dataset, today())
        if grant is None:
            words = {"dataset": target.dataset}
            raise Refused(Issue("target_no_grant", value=target.consumer, params=words))
        view = view_for(connection, catalogue, consumer, grant)
        _register(connection, site, target, _known_by(view))
    told = progress or Silent()
    mapper = Mapper(target.table, standard)
    return Desk(site, engine, catalogue, target, consumer, grant, view, standard, mapper, told)


def consumer_of(connection: Connection, target: Target) -> Consumer:
    """The target's consumer; raises Misdeclared (target_no_consumer)."""
    for one in list_consumers(connection):
        if one.name == target.consumer and one.revoked_at is None:
            return one
    raise Misdeclared(Issue("target_no_consumer", value=target.consumer))


def _known_by(view: View) -> str:
    """What a view's entries name records by, and so whose numbers they have."""
    if view.audience == "public":
        return "release"
    return "key" if view.salt is None else "pseudonym"


def _register(connection: Connection, site: Site, target: Target, known_by: str) -> None:
    known = state_of(connection, target.name)
    if known is None:
        row = {
            "target": target.name,
            "site": site.path.name,
            "dataset": target.dataset,
            "known_by": known_by,
            "cursor": 0,
        }
        connection.execute(insert(target_state).values(row))
    elif known["dataset"] != target.dataset:
        words = {"dataset": known["dataset"]}
        raise Misdeclared(Issue("target_other_site", value=target.name, params=words))
    elif known["known_by"] is None:
        mine = target_state.c.target == target.name
        connection.execute(update(target_state).where(mine).values(known_by=known_by))
    elif known["known_by"] != known_by:
        words = {"found": known["known_by"], "expected": known_by}
        raise Misdeclared(Issue("target_other_view", value=target.name, params=words))


def state_of(connection: Connection, name: str) -> RowMapping | None:
    """A target's row, as it is; None before its first use."""
    mine = target_state.c.target == name
    return connection.execute(select(target_state).where(mine)).mappings().one_or_none()


def lock(connection: Connection, name: str) -> RowMapping:
    """A target's row; nobody else prepares, settles or resets it until the transaction ends."""
    mine = target_state.c.target == name
    query = select(target_state).where(mine).with_for_update()
    return connection.execute(query).mappings().one()


def space_of(state: RowMapping) -> UUID:
    """The namespace of the target's messages now."""
    return space(state["site"], state["target"], state["dataset"], state["generation"])
