"""What happened to a subject: its records of all datasets on one line of time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from exchange_schemas.standard import Standard
from publisher.library import Library
from publisher.portal import shown
from publisher.portal.line_fields import line_fields
from publisher.query import Hit

MOST = 1_000  # records of one dataset
_MONEY = re.compile(r"(?P<what>.+?)\s*[（(](?P<unit>[^（）()]*(?:元|yuan))[）)]")


@dataclass(frozen=True, slots=True)
class Event:
    """One record of a subject. Texts are in the page's language; `date` is a day, or None.

    `roles` are the parts that the subject has in the record, where the record has several parties: a
    sampling has a nominal producer and a sampled shop. `amounts` are (what, how much with its unit).
    """

    hit: Hit
    record: Mapping[str, Any]
    subject: str | None  # what the record calls the subject
    roles: tuple[str, ...]
    kinds: str
    amounts: tuple[tuple[str, str], ...]
    told: tuple[tuple[str, str], ...]  # (title, value) of what else matters

    @property
    def date(self) -> str | None:
        """The day of the record."""
        return self.hit.date

    @property
    def year(self) -> str:
        """YYYY; "" where the day isn't known."""
        return (self.date or "")[:4]


def events_of(known: Library, code: str, chinese: bool) -> list[Event]:
    """Everything about the subject of a credit code, the newest first.

    It is found by the code of the roles, and by the codes of the other parties.
    """
    found: dict[tuple[str, str], Event] = {}
    for dataset, hits in known.subject(code).items():
        standard = known.catalogue.get(dataset)
        party = shown.party_field(standard)
        records = known.records(dataset, [hit.record_id for hit in hits[:MOST]])
        for hit in hits[:MOST]:
            record = records.get(hit.record_id)
            if record is not None:
                found[dataset, hit.record_id] = _event(standard, hit, record, party, chinese)
    for standard, party, others in _beside(known, code):
        for told in others:
            event = event_of(standard, told, chinese, party)
            place = (standard.dataset, event.hit.record_id)
            before = found.get(place)
            found[place] = replace(before, roles=before.roles + event.roles) if before else event
    return sorted(found.values(), key=lambda one: one.date or "", reverse=True)


def _beside(
    known: Library, code: str
) -> Iterator[tuple[Standard, str, Sequence[Mapping[str, Any]]]]:
    """Records in which the code is that of another party than the roles' code names."""
    for release in known.datasets():
        standard = known.catalogue.get(release.dataset, release.standard_version)
        public = standard.fields_for("public")
        for party in standard.roles.parties:
            name = f"{party}_uscc"
            if name in public and name != standard.roles.code:
                found = known.rows(release.dataset, {name: code}, size=MOST)
                yield standard, party, found.records


def _title(standard: Standard, party: str | None, chinese: bool) -> tuple[str, ...]:
    """What the subject is in the record; nothing where the record is simply about it."""
    if party is None or party == standard.roles.name:
        return ()
    title = shown.title_of(standard.fields[party], chinese).removesuffix("名称")
    return (title if chinese else title[:1].lower() + title[1:],)


def _hit(standard: Standard, record: Mapping[str, Any]) -> Hit:
    def told(role: str) -> str | None:
        value = record.get(getattr(standard.roles, role) or "")
        return "；".join(value) if isinstance(value, list) else value

    names = ("name", "code", "document", "date", "department", "county", "kind")
    return Hit(standard.dataset, str(record["record_id"]), *map(told, names))


def event_of(
    standard: Standard, record: Mapping[str, Any], chinese: bool, party: str | None = None
) -> Event:
    """A record of which `party` (a field with a name) is the subject."""
    return _event(standard, _hit(standard, record), record, party, chinese)


def _event(
    standard: Standard, hit: Hit, record: Mapping[str, Any], party: str | None, chinese: bool
) -> Event:
    kind = standard.fields.get(standard.roles.kind or "")
    kinds = shown.value_of(kind, record.get(kind.name), chinese) if kind else ""
    return Event(
        hit,
        record,
        record.get(party or ""),
        _title(standard, party, chinese),
        kinds,
        tuple(_amounts(standard, record, chinese)),
        tuple(told_of(standard, record, chinese)),
    )


def told_of(
    standard: Standard, record: Mapping[str, Any], chinese: bool
) -> Iterator[tuple[str, str]]:
    """(title, value) of the fields that a list tells of, see line_fields.yml."""
    for field in line_fields(standard):
        if record.get(field.name) not in (None, []):
            yield (
                shown.title_of(field, chinese),
                shown.value_of(field, record[field.name], chinese),
            )


def _amounts(
    standard: Standard, record: Mapping[str, Any], chinese: bool
) -> Iterator[tuple[str, str]]:
    """Sums of money, which the titles of their fields give the unit of: 罚款金额（万元）."""
    for field in standard.fields_for("public").values():
        value = record.get(field.name)
        money = _MONEY.fullmatch(shown.title_of(field, chinese))
        if field.kind == "decimal" and value is not None and money:
            times = " × " if money["unit"][0].isdigit() else " "
            yield money["what"], f"{_plain(str(value))}{times}{money['unit']}"


def _plain(amount: str) -> str:
    """Without zeros at the end of its decimal places."""
    return amount.rstrip("0").rstrip(".") if "." in amount else amount
