"""COPY, which goes straight to the driver of PostgreSQL; its errors come as SQLAlchemy's, like all others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def copying(connection: Connection, statement: str) -> Iterator[psycopg.Copy]:
    """The COPY of that statement, until the block ends. Raises DBAPIError, also where the server is lost."""
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            yield copy
    except psycopg.Error as error:
        told = DBAPIError.instance(
            statement, None, error, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        )
        raise told from error
