"""Kinds of issue: all that is for supervision, by what it is about."""

from __future__ import annotations

from exchange_schemas.kind import Kind
from exchange_schemas.kinds_of_analysis import ANALYSIS_KINDS
from exchange_schemas.kinds_of_complaints import COMPLAINT_KINDS
from exchange_schemas.kinds_of_credit import CREDIT_KINDS
from exchange_schemas.kinds_of_plan import PLAN_KINDS
from exchange_schemas.kinds_of_prices import PRICE_KINDS
from exchange_schemas.kinds_of_risks import RISKS_KINDS
from exchange_schemas.kinds_of_subjects import SUBJECT_KINDS
from exchange_schemas.kinds_of_trace import TRACE_KINDS

SUPERVISION_KINDS: dict[str, Kind] = {
    **ANALYSIS_KINDS,
    **COMPLAINT_KINDS,
    **CREDIT_KINDS,
    **PLAN_KINDS,
    **PRICE_KINDS,
    **RISKS_KINDS,
    **SUBJECT_KINDS,
    **TRACE_KINDS,
}
