"""The case itself, in fields of the standard `case_transfer`: checked as any record is, kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from exchange_schemas.batch import LINE, Batch
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.codes import load_codes
from exchange_schemas.days import today
from exchange_schemas.departments import department_code
from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import ERRORS, Issue, issues_of
from exchange_schemas.standard import Standard
from exchange_schemas.validate import check

DATASET = "case_transfer"
#: What the hub fills from the steps, and the sender doesn't write.
FILLED = frozenset((
    "transfer_no", "from_dept", "from_dept_uscc", "to_org", "to_org_name", "transferred_on",
    "copied_to_procuratorate_on", "accepted", "accepted_on", "accept_doc_no", "filing_decision",
    "filing_decided_on", "filing_reason", "supervision", "result", "result_on", "result_doc_no",
    "source_unit", "source_unit_uscc", "source_system", "source_updated_at",
))  # fmt: skip
MOST_BYTES = 100_000


def read_case(catalogue: Catalogue, text: bytes, department: str, to_kind: str) -> str:
    """The content that is kept, canonical JSON, of a JSON object that a department wrote.

    Raises Misdeclared: case_unreadable, case_field for one that the sender doesn't fill, and the
    first issue that the standard has with the case.
    """
    told = _object(text)
    standard = catalogue.get(DATASET)
    for name in told:
        if name not in standard.fields or name in FILLED:
            known = ", ".join(one for one in standard.fields if one not in FILLED)
            raise Misdeclared(Issue("case_field", value=str(name)[:64], params={"known": known}))
    trial = {**told, **_begun(department, to_kind), "transfer_no": "-"}
    trial["transferred_on"] = today().isoformat()
    check_record(standard, trial)
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _object(text: bytes) -> dict[str, Any]:
    if len(text) > MOST_BYTES:
        raise Misdeclared(Issue("case_unreadable", value=str(len(text))))
    try:
        told = json.loads(text)
    except ValueError as error:
        raise Misdeclared(Issue("case_unreadable", value="JSON")) from error
    if not isinstance(told, dict):
        raise Misdeclared(Issue("case_unreadable", value="JSON"))
    return told


def _begun(department: str, to_kind: str) -> dict[str, Any]:
    name = load_codes("departments").codes[department].title
    code = department_code(name)
    more = {"from_dept_uscc": code} if code else {}
    return {"from_dept": name, "to_org": to_kind, **more}


def check_record(standard: Standard, record: Mapping[str, Any]) -> None:
    """Raises Misdeclared with the first error that the standard finds; without the value."""
    row = {name: record.get(name) for name in standard.fields}
    for name, value in row.items():  # Polars would make a text of a number
        kind = bool if standard.dtypes[name] == pl.Boolean else str
        if value is not None and not isinstance(value, kind):
            raise Misdeclared(Issue("case_unreadable", value=name))
    frame = pl.DataFrame([row], schema=standard.dtypes)
    rows = frame.with_columns(pl.lit(1, pl.Int64).alias(LINE))
    found = check(standard, Batch(rows)).issues.filter(pl.col("code").is_in(ERRORS))
    for issue in issues_of(found):
        raise Misdeclared(Issue(issue.code, field=issue.field, value="…", params=issue.params))


def full_record(
    row: Mapping[str, Any], steps: list[dict[str, Any]], to_name: str
) -> dict[str, Any]:
    """The record of `case_transfer` that follows from a case that was sent and from its steps."""
    record = {**json.loads(row["content"]), **_begun(row["from_department"], row["to_kind"])}
    record |= {"transfer_no": row["transfer_no"], "to_org_name": to_name}
    record |= {"source_unit": record["from_dept"]}
    for step in steps:
        record |= _told_by(step)
    supervised = [s for s in steps if s["act"] in ("propose", "ask", "order", "dismiss")]
    if supervised:
        told = (f"{step['on']} {_WORDS[step['act']]}" for step in supervised)
        record["supervision"] = "；".join(told)
    return record


_WORDS = {
    "propose": "建议立案监督",
    "ask": "要求说明不立案理由",
    "order": "通知立案",
    "dismiss": "认为不立案理由成立",
}


def _told_by(step: Mapping[str, Any]) -> dict[str, Any]:
    on, doc_no, reason = step["on"], step["doc_no"], step["reason"]
    told: dict[str, dict[str, Any]] = {
        "send": {"transferred_on": on},
        "copy": {"copied_to_procuratorate_on": on},
        "receive": {"accepted": True, "accepted_on": on, "accept_doc_no": doc_no},
        "refuse": {"filing_decision": "退回", "filing_decided_on": on, "filing_reason": reason},
        "decline": {"filing_decision": "不立案", "filing_decided_on": on, "filing_reason": reason},
        "file": {"filing_decision": "立案", "filing_decided_on": on, "filing_reason": None},
        "result": {"result": step["result"], "result_on": on, "result_doc_no": doc_no},
    }
    return told.get(step["act"], {})
