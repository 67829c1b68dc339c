"""A signal that a person enters: checked by the standard, numbered without gaps, and in the ledger by the
analysis `risks`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, func, select

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.codes import load_codes
from exchange_schemas.days import today
from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue, issues_of
from exchange_schemas.standard import Standard
from exchange_schemas.validate import check
from hub import ledger
from hub.database import write
from hub.risks import signals, work
from hub.risks.people import Officer
from hub.risks.states import CODES, WAITING
from hub.risks.steps import Place, take
from hub.risks.tables import risk_signal

PREFIX = "FXLR"  # 风险录入: what no feed's number begins with
#: What a person may say; the rest follows from who enters it and when.
FIELDS = (
    "channel", "channel_detail", "source_url", "product", "product_category", "brand", "batch",
    "producer", "producer_uscc", "seller", "seller_uscc", "hazard", "severity", "injured_count",
    "death_count", "division_code", "occurred_on", "ticket_no", "sample_no",
)  # fmt: skip
_NUMBERS = ("injured_count", "death_count")


def enter(at: Place, one: Officer, told: Mapping[str, str]) -> str:
    """Take a signal in; returns its number. `told` has texts for FIELDS, empty ones left out.

    Raises Refused (risk_role), and Misdeclared with the first issue that the standard has with it.
    """
    department = one.office()
    if department is None:
        raise Refused(Issue("risk_role", value="-", params={"role": "any/任何", "act": "enter"}))
    standard = at.catalogue.get(signals.DATASET)
    record = _record(standard, told, department)
    with write(at.engine) as connection:
        ledger.dataset_id(connection, signals.DATASET)
        record["signal_id"] = _next(connection, today().year)
        _check(standard, record)
        content = orjson.dumps({name: one for name, one in record.items() if one is not None})
        take(connection, record["signal_id"], WAITING, one.name, department, content.decode())
        work.ask(connection)
    return str(record["signal_id"])


def _record(standard: Standard, told: Mapping[str, str], department: str) -> dict[str, Any]:
    given: dict[str, Any] = {
        name: told[name].strip() for name in FIELDS if (told.get(name) or "").strip()
    }
    for name in _NUMBERS:
        if name in given:
            if not given[name].isdecimal() or len(given[name]) > 7:
                title = {
                    "title": standard.fields[name].title,
                    "title_en": standard.fields[name].title_en,
                }
                words = {**title, "expected": "integer"}
                raise Misdeclared(Issue("type", field=name, value=given[name][:20], params=words))
            given[name] = int(given[name])
    unit = load_codes("departments").codes[department].title
    return {
        **given,
        "received_at": signals.here(datetime.now(UTC)),
        "reporting_unit": unit,
        "state": CODES[WAITING],
    }


def _next(connection: Connection, year: int) -> str:
    """The next number of the year. The caller holds the dataset's row, so two never get the same."""
    begin = f"{PREFIX}{year}"
    mine = risk_signal.c.signal_id.startswith(begin)
    last = connection.scalar(select(func.max(risk_signal.c.signal_id)).where(mine))
    return f"{begin}{int(str(last)[len(begin) :]) + 1 if last else 1:05}"


def _check(standard: Standard, record: Mapping[str, Any]) -> None:
    row = {name: record.get(name) for name in standard.dtypes} | {LINE: 1}
    frame = pl.DataFrame([row], schema={**standard.dtypes, LINE: pl.Int64})
    found = check(standard, Batch(frame), mapped=list(standard.dtypes))
    wrong = [one for one in issues_of(found.issues) if one.severity == "error"]
    if wrong:
        first = wrong[0]
        raise Misdeclared(
            Issue(first.code, field=first.field, value=first.value, params=first.params)
        )
