"""People who review and approve in tests, as the law wants it: two of them, of the department."""

from __future__ import annotations

from sqlalchemy import Engine

from exchange_schemas.catalogue import Catalogue, load_catalogue
from exchange_schemas.codes import load_codes
from hub import bulk_review, people, review, samples
from hub.chosen import Chosen
from hub.database import write
from hub.decisions import Reason
from hub.review import Desk

EVERYBODY = ("wang", "li", "zhao")
ROLES = ("submitter", "reviewer", "approver", "handler")


def appoint(engine: Engine, *persons: str, department: str | None = None) -> None:
    """Give people every role, for one department or for all of them."""
    departments = [department] if department else list(load_codes("departments").codes)
    with write(engine) as connection:
        for person in persons or EVERYBODY:
            for one in departments:
                for role in ROLES:
                    people.grant(connection, person, one, role, "tests")


def desk_of(engine: Engine, dataset: str, actor: str, catalogue: Catalogue | None = None) -> Desk:
    """Where somebody decides on a dataset."""
    found = catalogue or load_catalogue()
    return Desk(engine, found, found.get(dataset), actor)


def review_all(engine: Engine, dataset: str, actor: str, records: tuple[str, ...] = ()) -> int:
    """Review what waits: the records named, or all of at most twenty."""
    desk = desk_of(engine, dataset, actor)
    return review.review(desk, Chosen(records), secrecy=True, privacy=True)


def approve_all(engine: Engine, dataset: str, actor: str, records: tuple[str, ...] = ()) -> int:
    """Approve what was reviewed: the records named, or all of at most twenty."""
    return review.approve(desk_of(engine, dataset, actor), Chosen(records))


def release(engine: Engine, dataset: str, first: str = "wang", second: str = "li") -> int:
    """Both people decide on everything that waits, however much it is; returns how many."""
    count = 0
    for act, actor in (("review", first), ("approve", second)):
        desk = desk_of(engine, dataset, actor)
        made = bulk_review.draw_sample(desk, act, {})
        with write(engine) as connection:
            for one in made["drawn"]:
                digest = bytes.fromhex(one["view_digest"])
                samples.see(connection, made["sample"], actor, one["record_id"], digest)
        count = bulk_review.decide_sample(desk, made["sample"], secrecy=True, privacy=True)
    return count


def withdraw(engine: Engine, dataset: str, actor: str, *records: str, code: str = "other") -> int:
    """Take records back."""
    return review.withdraw(desk_of(engine, dataset, actor), Chosen(records), Reason(code))
