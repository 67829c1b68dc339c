"""Recalls: opened by a person, told to whom has the goods, counted as they come back, and ended.

食品召回管理办法 (order 12): a recall of level 1, 2 or 3 begins within 24, 48 or 72 hours of knowing the risk
(article 13), its plan goes to the authority (14 to 16), and it is told what came of it (19). Each act is one
transaction, with who did it, when and why; nothing of a step is changed later.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import people
from hub.instant import utc_now
from hub.states import HANDLER
from hub.trace.tables import recall, recall_step

OFFICE = "market_regulation"
RUNNING, DONE, STOPPED = "实施中", "已完成", "已终止"
LEVELS, KINDS = ("一级", "二级", "三级"), ("主动召回", "责令召回")
NOTIFY, RETURN, FINISH, STOP = ACTS = ("notify", "return", "finish", "stop")
OPEN = "open"
_QUANTITY = re.compile(r"[0-9]{1,12}(\.[0-9]{1,3})?")
_LONGEST = 2_000  # characters of a reason, as the standard has it
_SHORT = {
    "product_name": 500, "spec": 200, "batch": 500, "producer_name": 200, "producer_uscc": 18,
    "recalled_by": 200, "unit": 20, "authority": 200, "sample_no": 64, "penalty_doc_no": 128,
}  # fmt: skip
# Titles of the fields, as the standard has them.
_TITLES = {
    "product_name": "产品名称", "spec": "规格", "batch": "批次", "producer_name": "生产者名称",
    "producer_uscc": "生产者统一社会信用代码", "recalled_by": "召回实施者", "kind": "召回方式",
    "level": "召回级别", "reason": "召回原因", "unit": "数量单位", "authority": "监管部门",
    "sample_no": "抽样编号", "penalty_doc_no": "行政处罚决定书文号", "quantity_sold": "应召回数量",
    "quantity_returned": "已召回数量", "act": "办理步骤",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opening:
    """What is called back, and why. `evidence` are dataset:key of the records that it follows from."""

    product_name: str
    reason: str
    level: str
    kind: str
    batch: str | None = None
    spec: str | None = None
    producer_name: str | None = None
    producer_uscc: str | None = None
    recalled_by: str | None = None
    quantity_sold: str | None = None
    unit: str | None = None
    authority: str | None = None
    sample_no: str | None = None
    penalty_doc_no: str | None = None
    evidence: tuple[str, ...] = field(default=())


def recall_no(number: int, started_on: str) -> str:
    """What a recall is called outside."""
    return f"ZH{started_on[:4]}{number:05d}"


def open_recall(
    connection: Connection, opening: Opening, person: str, on: date | None = None
) -> int:
    """Open a recall; returns its number. Raises Misdeclared (recall_words), Refused (role_missing)."""
    _check_person(connection, person)
    told = {name: value for name, value in asdict(opening).items() if name != "evidence"}
    told = {name: _stripped(value) for name, value in told.items()}
    _check_opening(told)
    values = {
        **told,
        "state": RUNNING,
        "started_on": str(on or today()),
        "evidence": json.dumps(list(opening.evidence), ensure_ascii=False),
    }
    number = connection.scalar(insert(recall).values(values).returning(recall.c.id))
    _step(connection, int(number or 0), person, OPEN, opening.reason, {"level": opening.level})
    return int(number or 0)


def act(
    connection: Connection,
    number: int,
    name: str,
    person: str,
    reason: str,
    quantity: str | None = None,
    unit: str | None = None,
) -> None:
    """One act of `ACTS` on a recall that is under way. `return` says how much is back by now.

    Raises Misdeclared (recall_unknown, recall_words), Refused (role_missing, recall_over).
    """
    _check_person(connection, person)
    found = find(connection, number, hold=True)
    if found.state != RUNNING:
        raise Refused(Issue("recall_over", value=str(number), params={"state": found.state}))
    if name not in ACTS:
        raise _wrong("act", name, ", ".join(ACTS))
    if not reason.strip() or len(reason) > _LONGEST:
        raise _wrong("reason", reason[:40], f"1–{_LONGEST}")
    values = _values(found, name, _stripped(quantity), _stripped(unit))
    connection.execute(update(recall).where(recall.c.id == number).values(values))
    _step(connection, number, person, name, reason.strip(), values)


def _values(found: Row[Any], name: str, quantity: str | None, unit: str | None) -> dict[str, str]:
    if name == NOTIFY:
        return {"notified_on": str(today())}
    if name == RETURN:
        unit = unit or found.unit
        _check_quantity("quantity_returned", quantity)
        if unit is None or len(unit) > _SHORT["unit"]:
            raise _wrong("unit", unit or "", "千克")
        sold = found.quantity_sold
        if sold is not None and unit != found.unit:  # it is the unit of what was sold, too
            raise _wrong("unit", unit, found.unit)
        if sold is not None and Decimal(quantity or 0) > Decimal(sold):
            raise _wrong("quantity_returned", quantity or "", f"≤ {sold}")
        return {"quantity_returned": quantity or "", "unit": unit}
    return {"state": DONE if name == FINISH else STOPPED, "ended_on": str(today())}


def find(connection: Connection, number: int, *, hold: bool = False) -> Row[Any]:
    """A recall's row; raises Misdeclared (recall_unknown)."""
    query = select(recall).where(recall.c.id == number)
    row = connection.execute(query.with_for_update() if hold else query).one_or_none()
    if row is None:
        raise Misdeclared(Issue("recall_unknown", value=str(number)))
    return row


def listing(connection: Connection, sample_no: str | None = None) -> list[Row[Any]]:
    """All recalls, or those of a sample, the newest first."""
    query = select(recall).order_by(recall.c.id.desc())
    if sample_no is not None:
        query = query.where(recall.c.sample_no == sample_no)
    return list(connection.execute(query))


def steps(connection: Connection, number: int) -> list[Row[Any]]:
    """What was done on a recall, the first first."""
    mine = recall_step.c.recall_id == number
    return list(connection.execute(select(recall_step).where(mine).order_by(recall_step.c.id)))


def _check_person(connection: Connection, person: str) -> None:
    if OFFICE not in people.departments_of(connection, person, HANDLER):
        params = {"role": HANDLER, "department": OFFICE}
        raise Refused(Issue("role_missing", value=person, params=params))


def _check_opening(told: Mapping[str, Any]) -> None:
    for name, known in (("level", LEVELS), ("kind", KINDS)):
        if told[name] not in known:
            raise _wrong(name, told[name] or "", ", ".join(known))
    for name, most in (*_SHORT.items(), ("reason", _LONGEST)):
        value = told[name]
        missing = value is None and name in ("product_name", "reason")
        if missing or (value is not None and len(value) > most):
            raise _wrong(name, (value or "")[:40], f"1–{most}")
    if told["quantity_sold"] is not None:
        _check_quantity("quantity_sold", told["quantity_sold"])
        if told["unit"] is None:
            raise _wrong("unit", "", "千克")


def _check_quantity(name: str, value: str | None) -> None:
    if value is None or not _QUANTITY.fullmatch(value):
        raise _wrong(name, value or "", "12.5")


def _wrong(name: str, value: str, expected: str) -> Misdeclared:
    words = {"expected": expected}
    return Misdeclared(
        Issue("recall_words", field=_TITLES[name], value=value or "–", params=words)
    )


def _stripped(value: str | None) -> str | None:
    return (value or "").strip() or None


def _step(
    connection: Connection,
    number: int,
    person: str,
    name: str,
    reason: str,
    words: Mapping[str, Any],
) -> None:
    row = {
        "recall_id": number, "at": utc_now(), "person": person, "act": name, "reason": reason,
        "words": json.dumps(dict(words), ensure_ascii=False),
    }  # fmt: skip
    connection.execute(insert(recall_step).values(row))
