"""Nil reports: a department states that it had nothing for a dataset in a month."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub import ledger, people
from hub.answering import Answering
from hub.deliveries import dated_in, delivered_in
from hub.instant import utc_now
from hub.months import checked, last_day
from hub.reports_owed import owners_on
from hub.tables import dataset
from hub.tables_of_reports import nil_report

SUBMITTER = "submitter"


def state(
    connection: Connection,
    catalogue: Catalogue,
    name: str,
    department: str,
    period: str,
    actor: str,
    on: date,
    note: str | None = None,
) -> int:
    """State on the day `on` that the department had nothing for `period`; returns the report's number.

    It is taken after the due day too, and then the silence ends. Raises Misdeclared (dataset_unknown,
    month_invalid, report_not_owed), Refused (role_missing, report_too_early, report_against_data,
    report_stated).
    """
    standard = catalogue.get(name)
    last = last_day(checked(period))
    people.check(connection, actor, SUBMITTER, department)
    words = {"dataset": name, "department": department, "period": period}
    if last >= on:
        raise Refused(Issue("report_too_early", value=period, params=words))
    owners = [code for code, _ in owners_on(standard, catalogue.law(), last)]
    answering = Answering(on)
    if not any(department in answering.may_report(owner) for owner in owners):
        raise Misdeclared(Issue("report_not_owed", value=department, params=words))
    if _has_data(connection, catalogue, name, department, period):
        raise Refused(Issue("report_against_data", value=period, params=words))
    return _insert(connection, words, actor, note)


def _insert(connection: Connection, words: dict[str, str], actor: str, note: str | None) -> int:
    number = ledger.dataset_id(connection, words["dataset"])
    row = {
        "dataset_id": number,
        "department": words["department"],
        "period": words["period"],
        "actor": actor,
        "reported_at": utc_now(),
        "note": note,
    }
    try:
        with connection.begin_nested():
            query = insert(nil_report).values(row).returning(nil_report.c.id)
            return int(connection.execute(query).scalar_one())
    except IntegrityError as error:
        raise Refused(Issue("report_stated", value=words["period"], params=words)) from error


def withdraw(connection: Connection, number: int, actor: str) -> None:
    """Take a nil report back; it stays, with who did it and when.

    Raises Misdeclared (report_unknown), Refused (role_missing, report_withdrawn).
    """
    mine = nil_report.c.id == number
    found = connection.execute(select(nil_report).where(mine)).mappings().one_or_none()
    if found is None:
        raise Misdeclared(Issue("report_unknown", value=str(number)))
    people.check(connection, actor, SUBMITTER, found["department"])
    values = {"withdrawn_by": actor, "withdrawn_at": utc_now()}
    standing = mine & nil_report.c.withdrawn_at.is_(None)
    if not connection.execute(update(nil_report).where(standing).values(values)).rowcount:
        raise Refused(Issue("report_withdrawn", value=str(number)))


def listing(
    connection: Connection, name: str | None = None, department: str | None = None
) -> list[dict[str, Any]]:
    """All nil reports, the newest period first: {id, dataset, department, period, actor,
    reported_at, note, withdrawn_by, withdrawn_at}."""
    columns = [column for column in nil_report.c if column.name != "dataset_id"]
    query = (
        select(columns[0], dataset.c.name.label("dataset"), *columns[1:])
        .join(dataset, dataset.c.id == nil_report.c.dataset_id)
        .order_by(nil_report.c.period.desc(), nil_report.c.id.desc())
    )
    if name is not None:
        query = query.where(dataset.c.name == name)
    if department is not None:
        query = query.where(nil_report.c.department == department)
    return [dict(row) for row in connection.execute(query).mappings()]


def _has_data(
    connection: Connection, catalogue: Catalogue, name: str, department: str, period: str
) -> bool:
    """Whether the department gave rows in the month, or records of the month later."""
    standard = catalogue.get(name)
    came = delivered_in(connection, standard, [period])
    late = dated_in(connection, standard, [period])
    return department in {*came["reporter"], *late["reporter"]}
