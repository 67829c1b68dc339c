"""The database: there, and with today's tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from exchange_schemas.issue import Issue
from hub.doctor.patient import Patient
from hub.migrations.plan import plan_of
from hub.misfortune import issue_of


def check_database(patient: Patient) -> Iterator[Issue]:
    """Whether it answers."""
    file = patient.database_file
    if file is not None and not file.is_file():  # connecting would make an empty one
        yield Issue("doctor_database_missing", value=str(file))
        return
    try:
        with patient.engine.connect() as connection:
            name = connection.dialect.name
            query = "select sqlite_version()" if name == "sqlite" else "show server_version"
            version = connection.scalar(text(query))
    except DBAPIError as error:
        yield issue_of(error) or Issue("database_away")
    else:
        yield Issue("doctor_database", value=f"{name} {version}")


def check_tables(patient: Patient) -> Iterator[Issue]:
    """Whether the tables are today's. Raises Refused (schema_newer) for a newer version's site, and
    Misdeclared (schema_missing): that is the finding."""
    with patient.engine.connect() as connection:
        plan = plan_of(connection, patient.site.database_url)
    if plan.steps:
        words = {"expected": plan.after}
        yield Issue("doctor_tables_older", value=plan.before, params=words)
    else:
        yield Issue("doctor_tables", value=plan.after)
