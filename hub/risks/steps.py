"""What people do to a risk signal: one act in one transaction, by its role, held to the table of states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.dated_rules import rule_on
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.risk_rules import RiskRule, load_risk_rules
from hub import ledger
from hub.database import write
from hub.instant import utc_now
from hub.risks import signals, work
from hub.risks.people import Officer
from hub.risks.states import BY_NAME, CLOSED, PARTS, TAKE, WAITING, Act
from hub.risks.tables import risk_signal, risk_step
from hub.site import Site

LONGEST_REASON = 2000


@dataclass(frozen=True, slots=True)
class Place:
    """Where signals are dealt with."""

    site: Site
    engine: Engine
    catalogue: Catalogue

    def rule(self, day: date | None = None) -> RiskRule | None:
        """The matrix in force on a day. Raises Misdeclared (law_invalid)."""
        return rule_on(load_risk_rules(self.site.law), day or today())


@dataclass(frozen=True, slots=True)
class Words:
    """What an act is given."""

    reason: str | None = None
    severity: str | None = None
    likelihood: str | None = None


def act(at: Place, one: Officer, signal_id: str, name: str, words: Words) -> dict[str, Any]:
    """Do one act; returns {signal_id, state, level}.

    Raises Misdeclared (risk_unknown, act_unknown, risk_words), Refused (risk_role, risk_state,
    risk_same_person, risk_without_act).
    """
    wanted = BY_NAME.get(name)
    if wanted is None:
        words_known = {"known": ", ".join(BY_NAME)}
        raise Misdeclared(Issue("act_unknown", value=name[:32], params=words_known))
    department = one.office(wanted.by)
    if department is None:
        told = {"role": wanted.by, "act": wanted.name}
        raise Refused(Issue("risk_role", value=signal_id[:64], params=told))
    record = None if _is_taken(at, signal_id) else _reported(at, signal_id)
    with write(at.engine) as connection:
        row = _held(connection, signal_id, record, one, department)
        _check(connection, at.rule(), wanted, row, one, words)
        return _store(connection, at.rule(), wanted, row, one, department, words)


def _is_taken(at: Place, signal_id: str) -> bool:
    with at.engine.connect() as connection:
        query = select(risk_signal.c.id).where(risk_signal.c.signal_id == signal_id)
        return connection.scalar(query) is not None


def _reported(at: Place, signal_id: str) -> dict[str, Any]:
    """The ledger's record of a signal. Raises Misdeclared (risk_unknown)."""
    with at.engine.connect() as connection:
        known = signals.reported(at.site, connection, at.catalogue.get(signals.DATASET))
    found = known.filter(known["signal_id"] == signal_id)
    if found.is_empty():
        raise Misdeclared(Issue("risk_unknown", value=signal_id[:64]))
    return dict(found.row(0, named=True))


def _held(
    connection: Connection,
    signal_id: str,
    record: dict[str, Any] | None,
    one: Officer,
    department: str,
) -> RowMapping:
    """The signal's row, held until the transaction ends; made where the ledger alone had it."""
    ledger.dataset_id(connection, signals.DATASET)
    query = select(risk_signal).where(risk_signal.c.signal_id == signal_id).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        take(connection, signal_id, signals.state_of(record or {}), one.name, department)
        row = connection.execute(query).mappings().one()
    return row


def take(
    connection: Connection,
    signal_id: str,
    state: str,
    actor: str,
    department: str,
    content: str | None = None,
) -> int:
    """Open a signal's history: its row and its first step; returns its id."""
    at = utc_now()
    values = {
        "signal_id": signal_id,
        "state": state,
        "step": 1,
        "entered": content,
        "taken_at": at,
    }
    number = connection.scalar(insert(risk_signal).values(values).returning(risk_signal.c.id))
    step = {"risk_id": number, "number": 1, "act": TAKE, "state": state, "at": at}
    connection.execute(insert(risk_step).values(**step, actor=actor, department=department))
    return int(number or 0)


def _check(
    connection: Connection,
    rule: RiskRule | None,
    wanted: Act,
    row: RowMapping,
    one: Officer,
    words: Words,
) -> None:
    number = str(row["signal_id"])
    if row["state"] not in wanted.sources:
        told = {"state": row["state"], "act": wanted.name, "expected": ", ".join(wanted.sources)}
        raise Refused(Issue("risk_state", value=number, params=told))
    for name in wanted.needs:
        if not (getattr(words, name) or "").strip():
            raise Misdeclared(Issue("risk_words", field=name, value=wanted.name))
    if len(words.reason or "") > LONGEST_REASON:
        raise Misdeclared(Issue("risk_words", field="reason", value=wanted.name))
    if "likelihood" in wanted.needs and not _known(rule, words):
        raise Misdeclared(Issue("risk_words", field="likelihood", value=wanted.name))
    parts = _parts(connection, row["id"]) if wanted.another else []
    if one.name in [actor for _act, actor in parts]:
        raise Refused(Issue("risk_same_person", value=number, params={"act": wanted.name}))
    must_act = rule is not None and row["level"] in rule.must_act
    if wanted.target == CLOSED and must_act and "record" not in [done for done, _actor in parts]:
        raise Refused(Issue("risk_without_act", value=number, params={"level": str(row["level"])}))


def _known(rule: RiskRule | None, words: Words) -> bool:
    known = rule is not None and words.likelihood in rule.likelihoods
    return known and rule is not None and words.severity in rule.matrix


def _parts(connection: Connection, number: int) -> list[tuple[str, str]]:
    """(act, actor) of what was done since the signal was opened the last time."""
    query = select(risk_step.c.act, risk_step.c.actor).where(risk_step.c.risk_id == number)
    found: list[tuple[str, str]] = []
    for done, actor in connection.execute(query.order_by(risk_step.c.number)):
        found = [] if done == "reopen" else [*found, (done, actor)]
    return [pair for pair in found if pair[0] in PARTS]


def _store(
    connection: Connection,
    rule: RiskRule | None,
    wanted: Act,
    row: RowMapping,
    one: Officer,
    department: str,
    words: Words,
) -> dict[str, Any]:
    at, number = utc_now(), row["step"] + 1
    weighed = {"severity": words.severity, "likelihood": words.likelihood}
    assessed = wanted.name == "assess" and rule is not None
    step = {"risk_id": row["id"], "number": number, "act": wanted.name, "at": at}
    step |= {"state_before": row["state"], "state": wanted.target, "actor": one.name}
    step |= {"department": department, "reason": words.reason} | (weighed if assessed else {})
    connection.execute(insert(risk_step).values(step))
    values: dict[str, Any] = {"state": wanted.target, "step": number}
    if assessed and rule is not None:
        level = rule.level(str(words.severity), str(words.likelihood))
        values |= {**weighed, "level": level, "rule": rule.name, "assessed_at": at}
    if wanted.name == "record":
        values["acted_at"] = at
    if wanted.another:
        values["ended_at"] = at
    if wanted.target == WAITING:
        values |= {"acted_at": None, "ended_at": None}
    mine = risk_signal.c.id == row["id"]
    connection.execute(update(risk_signal).where(mine).values(values))
    work.ask(connection)
    level = values.get("level", row["level"])
    return {"signal_id": row["signal_id"], "state": wanted.target, "level": level}


def history(connection: Connection, signal_id: str) -> list[dict[str, Any]]:
    """Every step of a signal, oldest first; none where nobody did anything yet."""
    query = (
        select(risk_step)
        .join(risk_signal, risk_signal.c.id == risk_step.c.risk_id)
        .where(risk_signal.c.signal_id == signal_id)
        .order_by(risk_step.c.number)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
