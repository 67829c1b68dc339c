"""The conditions on credit repair, one by one, each with why and the law that it stands in.

Two are the party's to state and the handler's to confirm, two come from the ledger, two from the
rules of law, and the promise is part of the application (市场监督管理行政处罚信息公示规定 art. 14;
信用修复管理办法, in force from 2026-04-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.law import Law
from exchange_schemas.repair_terms import RepairCondition, repair_conditions
from exchange_schemas.standard import Standard
from hub import showing
from hub.offences import Found, later_penalties, lists_on

ORDER_45 = "市场监督管理行政处罚信息公示规定 第十四条"
MEASURES = "信用修复管理办法"
STATED = ("performed", "remedied")  # by the party, and confirmed by the handler
NO_REPEAT, NOT_LISTED = "no_repeat", "not_listed"
CONFIRMABLE = (*STATED, NO_REPEAT, NOT_LISTED)  # where nothing else can tell


@dataclass(frozen=True, slots=True)
class Condition:
    """`met` is None where a person has to say; `why` explains it, `basis` is the law."""

    condition: str
    met: bool | None
    why: Issue
    basis: str


def check_repair(
    connection: Connection,
    catalogue: Catalogue,
    standard: Standard,
    row: RowMapping,
    today: date,
) -> list[Condition]:
    """Every condition on a filing for repair (`filings.find`), as it is today.

    Raises Refused (record_unknown, record_gone).
    """
    known = showing.find(connection, standard.dataset, row["record_id"])
    records = showing.records_at(connection, catalogue, standard, known["seq"])
    if records.is_empty():
        raise Refused(Issue("record_gone", value=row["record_id"]))
    record = records.row(0, named=True)
    day = next((record[name] for name in standard.as_of if record.get(name)), today.isoformat())
    public = known["published_on"] and date.fromisoformat(known["published_on"])
    law = catalogue.law()
    legal = repair_conditions(law, standard, record, public or today, today)
    repeat = later_penalties(connection, catalogue, record, str(day)[:10])
    listed = lists_on(connection, catalogue, record, standard.dataset)
    findings = orjson.loads(row["findings"])
    return [
        *(_stated(name, row, findings) for name in STATED),
        _looked_up(NO_REPEAT, repeat, findings),
        _looked_up(NOT_LISTED, listed, findings),
        *(_legal(law, one) for one in legal if one.name != "severity"),
        _promise(row),
    ]


def _stated(name: str, row: RowMapping, findings: Mapping[str, Any]) -> Condition:
    basis = f"{ORDER_45}；{MEASURES}"
    if not row[name]:
        return Condition(name, False, Issue("repair_unstated", value=name), basis)
    if name not in findings:
        return Condition(name, None, Issue("repair_unconfirmed", value=name), basis)
    return _person_said(name, findings, basis)


def _looked_up(name: str, found: Found, findings: Mapping[str, Any]) -> Condition:
    if found.none is None and name in findings:
        return _person_said(name, findings, ORDER_45)
    words = {"documents": "、".join((*found.sure, *found.doubtful))}
    code = {True: "repair_nothing_known", False: f"repair_{name}", None: "repair_perhaps"}
    return Condition(name, found.none, Issue(code[found.none], value=name, params=words), ORDER_45)


def _person_said(name: str, findings: Mapping[str, Any], basis: str) -> Condition:
    told = findings[name]
    code = "repair_confirmed" if told["met"] else "repair_denied"
    words = {"by": told["by"], "reason": told["why"] or "-"}
    return Condition(name, told["met"], Issue(code, value=name, params=words), basis)


def _legal(law: Law, one: RepairCondition) -> Condition:
    rule = law.rule(one.rule) if one.rule else None
    basis = rule.basis if rule else MEASURES
    words = {"rule": one.rule or "-", "day": str(one.day or "-"), "kinds": one.value or "-"}
    code = f"repair_{one.name}" if one.met is not True else f"repair_{one.name}_fine"
    return Condition(one.name, one.met, Issue(code, value=one.name, params=words), basis)


def _promise(row: RowMapping) -> Condition:
    met = bool(row["promise"])
    why = Issue("repair_promised" if met else "repair_unstated", value="promise")
    return Condition("promise", met, why, MEASURES)
