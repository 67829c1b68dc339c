"""Who somebody is for a case transfer: its sender, its addressee, its procuratorate, or nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, insert, or_, select, update

from exchange_schemas.codes import load_codes
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub import people
from hub.instant import utc_now
from hub.states import APPROVER, HANDLER
from hub.tables import consumer
from hub.transfers.states import ADDRESSEE, PROCURATORATE, SENDER, SENDER_HEAD, UNSENT
from hub.transfers.tables import KINDS, party_kind, transfer

#: Receiving authorities that are departments of the hub's own.
DEPARTMENTS = {
    "public_security": "公安",
    "procuratorate": "检察",
    "supervisory_commission": "监察",
}
PLATFORM = "12345"
ALL_KINDS = (*KINDS, PLATFORM)
_CONSUMER = "consumer:"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with roles, or a consumer; `name` is what history keeps."""

    name: str
    desks: frozenset[str] = field(default_factory=frozenset)  # departments it handles for
    heads: frozenset[str] = field(default_factory=frozenset)  # departments it approves for
    consumer_id: int | None = None

    @property
    def parties(self) -> frozenset[str]:
        """Everything that a transfer may name and that is this actor."""
        own = {f"{_CONSUMER}{self.consumer_id}"} if self.consumer_id is not None else set()
        return frozenset({*self.desks, *self.heads, *own})

    @property
    def acting(self) -> frozenset[str]:
        """… and for which it may act as a receiving authority."""
        return self.parties - (self.heads - self.desks)


def person(connection: Connection, name: str) -> Actor:
    """A person with the roles that it has now."""
    return Actor(
        f"person:{name}",
        frozenset(people.departments_of(connection, name, HANDLER)),
        frozenset(people.departments_of(connection, name, APPROVER)),
    )


def organisation(number: int, name: str) -> Actor:
    """A consumer that showed its key."""
    return Actor(f"{_CONSUMER}{name}", consumer_id=number)


def sides(actor: Actor, row: Any) -> frozenset[str]:
    """What the actor may see a transfer as; empty where it isn't the actor's.

    Nobody but the sender sees what wasn't sent yet. A head of a receiving department sees, and its
    desk acts (`acting_sides`).
    """
    return _sides(row, actor.desks, actor.heads, actor.parties)


def acting_sides(actor: Actor, row: Any) -> frozenset[str]:
    """The sides for which the actor may act."""
    return _sides(row, actor.desks, actor.heads, actor.acting)


def _sides(
    row: Any, desks: frozenset[str], heads: frozenset[str], parties: frozenset[str]
) -> frozenset[str]:
    found = set()
    if row["from_department"] in desks:
        found.add(SENDER)
    if row["from_department"] in heads:
        found.add(SENDER_HEAD)
    if row["state"] not in UNSENT:
        if row["addressee"] in parties:
            found.add(ADDRESSEE)
        if row["procuratorate"] is not None and row["procuratorate"] in parties:
            found.add(PROCURATORATE)
    return frozenset(found)


def visible(actor: Actor) -> ColumnElement[bool]:
    """A condition on `transfer`: what the actor may see."""
    departments, parties = sorted(actor.desks | actor.heads), sorted(actor.parties)
    if not parties:
        return false()
    sent = transfer.c.state.not_in(UNSENT)
    receiving = transfer.c.addressee.in_(parties) | transfer.c.procuratorate.in_(parties)
    return or_(transfer.c.from_department.in_(departments), sent & receiving)


def register(connection: Connection, name: str, kind: str, by: str) -> None:
    """Say what kind of authority a consumer is; twice replaces the first.

    Raises Misdeclared (party_kind_unknown, consumer_unknown).
    """
    if kind not in ALL_KINDS:
        words = {"known": ", ".join(ALL_KINDS)}
        raise Misdeclared(Issue("party_kind_unknown", value=kind, params=words))
    number = _living(connection, name)
    values = {"kind": kind, "registered_by": by, "registered_at": utc_now()}
    mine = party_kind.c.consumer_id == number
    if connection.execute(update(party_kind).where(mine).values(values)).rowcount == 0:
        connection.execute(insert(party_kind).values(consumer_id=number, **values))


def find_party(connection: Connection, name: str, kinds: tuple[str, ...]) -> tuple[str, str]:
    """(party, kind) of a department's code or a consumer's name.

    Raises Misdeclared (party_unknown) where it is no authority of one of the kinds.
    """
    if name in load_codes("departments").codes:
        party, kind = name, DEPARTMENTS.get(name)
    else:
        query = (
            select(consumer.c.id, party_kind.c.kind)
            .join(party_kind, party_kind.c.consumer_id == consumer.c.id)
            .where(consumer.c.name == name, consumer.c.revoked_at.is_(None))
        )
        row = connection.execute(query).one_or_none()
        party, kind = (f"{_CONSUMER}{row.id}", row.kind) if row else ("", None)
    if kind is None or kind not in kinds:
        words = {"known": ", ".join(kinds)}
        raise Misdeclared(Issue("party_unknown", value=name, params=words))
    return party, kind


def kind_of(connection: Connection, number: int) -> str | None:
    """What a consumer is registered as; None for nothing."""
    query = select(party_kind.c.kind).where(party_kind.c.consumer_id == number)
    found: str | None = connection.scalar(query)
    return found


def party_name(connection: Connection, party: str) -> str:
    """A party as people call it."""
    if party.startswith(_CONSUMER):
        number = int(party.removeprefix(_CONSUMER))
        return str(connection.scalar(select(consumer.c.name).where(consumer.c.id == number)))
    found = load_codes("departments").codes.get(party)
    return found.title if found else party


def _living(connection: Connection, name: str) -> int:
    query = select(consumer.c.id).where(consumer.c.name == name, consumer.c.revoked_at.is_(None))
    number = connection.scalar(query)
    if number is None:
        raise Misdeclared(Issue("consumer_unknown", value=name))
    return int(number)
