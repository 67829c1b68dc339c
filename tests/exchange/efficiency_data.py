"""Half a year of handled tickets, straight into the tables, for tests and pictures of the efficiency view."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert

from hub.complaints.tables import complaint_step, complaint_ticket
from hub.database import write
from hub.tables_of_terms import COMPLAINT, step_due
from hub.terms import as_text

DEPARTMENTS = ("market_regulation", "trade", "agriculture_rural", "supervisory_commission")
DIVISIONS = ("440902", "440904", "440981", "440982", "440983")
CATEGORIES = ("0101", "0102", "0201", "0301")
BEGIN = datetime(2026, 6, 1, 1, tzinfo=UTC)


def fill(engine: Engine, count: int = 400, seed: int = 7) -> list[dict[str, Any]]:
    """`count` tickets; returns them with `due_at` and `met_at` of their one term."""
    chance = random.Random(seed)
    made = [_ticket(chance, number) for number in range(1, count + 1)]
    with write(engine) as connection:
        tickets = [{k: v for k, v in one.items() if k not in ("due_at", "met_at")} for one in made]
        connection.execute(insert(complaint_ticket), tickets)
        connection.execute(insert(complaint_step), [_step(one) for one in made])
        connection.execute(insert(step_due), [_due(one) for one in made])
    return made


def _ticket(chance: random.Random, number: int) -> dict[str, Any]:
    place = chance.choices(range(4), (6, 3, 2, 1))[0]
    received = BEGIN + timedelta(hours=chance.randrange(180 * 24))
    accepted = received + timedelta(hours=6 + chance.expovariate(1 / (40 + 60 * place)))
    closed = accepted + timedelta(days=1 + chance.expovariate(1 / (9 + 6 * place)))
    is_open = closed > datetime(2026, 11, 28, tzinfo=UTC)
    due = received + timedelta(days=9)
    return {
        "id": number,
        "ticket_no": f"MM{number:08d}",
        "state": "assigned" if is_open else "closed",
        "step": 1,
        "kind": "投诉",
        "category_code": chance.choice(CATEGORIES),
        "division_code": chance.choice(DIVISIONS),
        "received_at": as_text(received),
        "department": DEPARTMENTS[place],
        "route": "consumer",
        "hand_backs": int(chance.random() < 0.1 * place) * 2,
        "supervised_at": None,
        "accepted_at": None if is_open else as_text(accepted),
        "closed_at": None if is_open else as_text(closed),
        "taken_at": as_text(received),
        "seq": number,
        "due_at": as_text(due),
        "met_at": None if is_open else as_text(accepted),
    }


def _step(one: dict[str, Any]) -> dict[str, Any]:
    kept = {"ticket_id": one["id"], "number": 1, "act": "take", "state": one["state"]}
    return {**kept, "actor": "hub", "at": one["taken_at"]}


def _due(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "matter": COMPLAINT,
        "matter_id": one["id"],
        "step_number": 1,
        "term": "acceptance",
        "rule": "complaint-accept@2026-04-15",
        "owed_by": "department",
        "begun_at": one["received_at"],
        "due_at": one["due_at"],
        "met_at": one["met_at"],
    }
