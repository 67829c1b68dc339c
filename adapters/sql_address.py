"""Where a department's database is, and by which driver it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from adapters.source import SECRET
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue


@dataclass(frozen=True, slots=True)
class Driver:
    """`name` is SQLAlchemy's, `module` what must be there to import, `package` what brings it."""

    name: str
    module: str
    package: str
    port: int


DRIVERS = {
    "postgresql": Driver("postgresql+psycopg", "psycopg", "psycopg[binary]", 5432),
    # SQLAlchemy's own "mariadb" refuses MySQL, and its "mysql" takes both
    "mariadb": Driver("mysql+pymysql", "pymysql", "pymysql", 3306),
    "mysql": Driver("mysql+pymysql", "pymysql", "pymysql", 3306),
    "sqlite": Driver("sqlite+pysqlite", "sqlite3", "", 0),
    "sqlserver": Driver("mssql+pymssql", "pymssql", "pymssql", 1433),
    "oracle": Driver("oracle+oracledb", "oracledb", "oracledb", 1521),
    "dm": Driver("dm+dmPython", "dmPython", "dmPython dmSQLAlchemy", 5236),
}
_ALSO = {"postgres": "postgresql", "mssql": "sqlserver"}

# What may follow the ? of a URL. Drivers know more, such as other hosts and files to read.
_PARAMETERS = (
    "sslmode", "sslrootcert", "ssl_ca", "ssl_verify_cert", "ssl_verify_identity", "service_name",
    "tds_version",
)  # fmt: skip

_TEXT = {"type": "string", "minLength": 1}
OPTIONS: Mapping[str, Any] = {
    "url": {"type": "string", "pattern": r"^(\$\{[A-Za-z_][A-Za-z0-9_]*\}|sqlite:///.+)$"},
    "driver": {"enum": [name for name in DRIVERS if name != "sqlite"]},
    "host": _TEXT,
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "database": _TEXT,
    "user": _TEXT,
    "password": SECRET,
    "parameters": {
        "type": "object",
        "additionalProperties": False,
        "properties": dict.fromkeys(_PARAMETERS, _TEXT),
    },
}


def read_address(options: Mapping[str, Any]) -> tuple[URL, Driver]:
    """The database's URL, and its driver, which is there.

    Raises Misdeclared: database_address, driver_unknown, driver_missing.
    """
    url = _parse(options["url"]) if "url" in options else _build(options)
    kind = url.get_backend_name()
    driver = DRIVERS.get(_ALSO.get(kind, kind))
    if driver is None:
        raise Misdeclared(
            Issue("driver_unknown", value=kind, params={"known": ", ".join(DRIVERS)})
        )
    if find_spec(driver.module) is None:
        words = {"package": driver.package}
        raise Misdeclared(Issue("driver_missing", value=kind, params=words))
    if unknown := sorted(set(url.query) - set(_PARAMETERS)):
        raise _unusable(f"it has the parameter {unknown[0]}, which isn't allowed")
    if kind != "sqlite" and not url.host:
        raise _unusable("it has no host")
    return url.set(drivername=driver.name, port=url.port or driver.port or None), driver


def _parse(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):  # their texts have the URL in them
        reason = "it isn't of the form driver://user:password@host:port/database"
        raise _unusable(reason) from None


def _build(options: Mapping[str, Any]) -> URL:
    kind, database = options["driver"], options["database"]
    service = {"service_name": database} if kind == "oracle" else {}
    return URL.create(
        DRIVERS[kind].name,
        username=options["user"],
        password=options.get("password"),
        host=options["host"],
        port=options.get("port"),
        database=None if service else database,
        query={**service, **options.get("parameters", {})},
    )


def _unusable(reason: str) -> Misdeclared:
    return Misdeclared(Issue("database_address", params={"reason": reason}))
