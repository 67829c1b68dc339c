"""Policies: by which rules the hub approves by itself, and who signed them.

A policy is for one dataset and the records of one department, from a day on, perhaps until another.
One person proposes it and another one puts it into force; every record that it approves names it,
and counts as reviewed by the one and approved by the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.conditions import check_condition
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.standard import Standard
from hub import ledger, people
from hub.chosen import matching
from hub.decisions import Decision, among, decide
from hub.instant import utc_now
from hub.staging import staged
from hub.states import APPROVER, PENDING, REVIEWER
from hub.tables import dataset
from hub.tables_of_review import disclosure, policy


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a policy says: which records of which department, why, on which legal basis, when."""

    dataset: str
    department: str
    condition: Mapping[str, Any]
    reason: str
    legal_basis: str
    valid_from: date
    valid_to: date | None = None


def propose(connection: Connection, standard: Standard, one: Proposal, actor: str) -> int:
    """A new version of the dataset's policy for a department, not yet in force; returns its id.

    Raises Refused (role_missing), Misdeclared (condition_invalid).
    """
    people.check(connection, actor, REVIEWER, one.department)
    check_condition(one.condition, standard.fields)
    number = ledger.dataset_id(connection, one.dataset)
    mine = (policy.c.dataset_id == number) & (policy.c.department == one.department)
    before = connection.scalar(select(func.max(policy.c.version)).where(mine)) or 0
    row = {
        "dataset_id": number,
        "department": one.department,
        "version": before + 1,
        "condition": json.dumps(dict(one.condition), ensure_ascii=False, default=str),
        "reason": one.reason,
        "legal_basis": one.legal_basis,
        "valid_from": one.valid_from.isoformat(),
        "valid_to": one.valid_to and one.valid_to.isoformat(),
        "proposed_by": actor,
        "proposed_at": utc_now(),
    }
    return int(connection.scalar(insert(policy).values(row).returning(policy.c.id)) or 0)


def approve_policy(connection: Connection, number: int, actor: str) -> None:
    """Put a proposed policy into force; earlier ones of the dataset and department end.

    Raises Misdeclared (policy_unknown), Refused (role_missing, same_person, policy_decided).
    """
    row = _find(connection, number)
    people.check(connection, actor, APPROVER, row["department"])
    if row["proposed_by"] == actor:
        raise Refused(Issue("same_person", value=actor))
    if row["approved_by"] is not None or row["ended_at"] is not None:
        raise Refused(Issue("policy_decided", value=str(number)))
    others = (policy.c.dataset_id == row["dataset_id"]) & (policy.c.id != number)
    others &= policy.c.department == row["department"]
    ended = {"ended_by": actor, "ended_at": utc_now()}
    living = others & policy.c.ended_at.is_(None) & policy.c.approved_by.is_not(None)
    connection.execute(update(policy).where(living).values(ended))
    values = {"approved_by": actor, "approved_at": utc_now()}
    connection.execute(update(policy).where(policy.c.id == number).values(values))


def end_policy(connection: Connection, number: int, actor: str) -> None:
    """Let a policy approve nothing from now on; what it approved stays approved.

    Raises Misdeclared (policy_unknown), Refused (role_missing, policy_decided).
    """
    row = _find(connection, number)
    people.check(connection, actor, APPROVER, row["department"])
    if row["ended_at"] is not None:
        raise Refused(Issue("policy_decided", value=str(number)))
    ended = {"ended_by": actor, "ended_at": utc_now()}
    connection.execute(update(policy).where(policy.c.id == number).values(ended))


def list_policies(connection: Connection, name: str | None = None) -> list[dict[str, Any]]:
    """All policies, newest first, with the dataset's name; `condition` as a mapping."""
    query = select(policy, dataset.c.name.label("dataset")).join(
        dataset, dataset.c.id == policy.c.dataset_id
    )
    if name:
        query = query.where(dataset.c.name == name)
    rows = connection.execute(query.order_by(policy.c.id.desc())).mappings()
    return [
        {
            **{str(name): value for name, value in row.items()},
            "condition": json.loads(row["condition"]),
        }
        for row in rows
    ]


def in_force(connection: Connection, number: int, day: date) -> list[RowMapping]:
    """The policies of a dataset that approve on a day."""
    query = select(policy).where(
        policy.c.dataset_id == number,
        policy.c.approved_by.is_not(None),
        policy.c.ended_at.is_(None),
        policy.c.valid_from <= day.isoformat(),
        policy.c.valid_to.is_(None) | (policy.c.valid_to >= day.isoformat()),
    )
    return list(connection.execute(query).mappings())


def apply_policies(
    connection: Connection, catalogue: Catalogue, standard: Standard, number: int, day: date
) -> int:
    """Approve what the policies in force cover among the pending; returns how many."""
    return sum(
        _apply(connection, catalogue, standard, one) for one in in_force(connection, number, day)
    )


def apply_all(connection: Connection, catalogue: Catalogue, day: date) -> int:
    """As `apply_policies`, in every public dataset; returns how many were approved."""
    numbers = dict(connection.execute(select(dataset.c.name, dataset.c.id)).all())
    public = [catalogue.get(name) for name in catalogue.datasets() if name in numbers]
    return sum(
        apply_policies(connection, catalogue, standard, numbers[standard.dataset], day)
        for standard in public
        if standard.public
    )


def _apply(
    connection: Connection, catalogue: Catalogue, standard: Standard, one: RowMapping
) -> int:
    signers = (one["proposed_by"], one["approved_by"])
    waiting = (
        (disclosure.c.dataset_id == one["dataset_id"])
        & (disclosure.c.department == one["department"])
        & (disclosure.c.state == PENDING)
        & disclosure.c.hold.is_(None)
        & (disclosure.c.author.is_(None) | disclosure.c.author.not_in(signers))
    )
    rows = matching(connection, catalogue, standard, waiting, json.loads(one["condition"]))
    if rows.is_empty():
        return 0
    rule = f"policy {standard.dataset}/{one['department']}@{one['version']}"
    decision = Decision(
        one["dataset_id"], "approve_by_policy", rule,
        more=(("policy_id", one["id"]), ("department", one["department"]),
              ("legal_basis", one["legal_basis"]), ("reason", one["reason"])),
    )  # fmt: skip
    values = {
        "reviewed_by": signers[0],
        "approved_by": signers[1],
        "policy_id": one["id"],
        "approved_digest": disclosure.c.view_digest,
        "approved_seq": disclosure.c.seq,
    }
    with staged(connection, rows.select("record_id", "view_digest"), "record_id") as table:
        return decide(connection, decision, waiting & among(table), values)


def _find(connection: Connection, number: int) -> RowMapping:
    query = select(policy).where(policy.c.id == number)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Misdeclared(Issue("policy_unknown", value=str(number)))
    return row
