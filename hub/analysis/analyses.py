"""Which analyses there are: what each reads and what computes it, imported when it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy import Connection

from exchange_schemas.errors import Misdeclared
from exchange_schemas.issue import Issue
from hub.analysis.inputs import Compute
from hub.site import Site


@dataclass(frozen=True, slots=True)
class Analysis:
    """`title` is a message id; `reads` and `writes` are datasets. `place` is module:function, a `Compute`.
    `daily` ones are computed on a new day though no record is new. `wanting` is module:function of (site,
    connection) → whether what it keeps beside the ledger is missing: then it is computed, and before what
    reads its results."""

    name: str
    title: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    place: str
    daily: bool = True
    wanting: str = ""

    def compute(self) -> Compute:
        """What computes it."""
        found: Compute = _named(self.place)
        return found

    def is_wanting(self, site: Site, connection: Connection) -> bool:
        """Whether what it keeps beside the ledger is missing."""
        return bool(self.wanting and _named(self.wanting)(site, connection))


def _named(place: str) -> Any:
    module, function = place.split(":")
    return getattr(import_module(module), function)


# The datasets whose records name a subject (hub.subjects.parties); a test holds them together.
NAMING_SUBJECTS = (
    "abnormal_operation_list", "administrative_license", "administrative_penalty", "annual_report_equity_change",
    "annual_report_investment", "annual_report_shareholder", "annual_report_website", "case_transfer",
    "commercial_bribery_blacklist", "complaint_report", "drug_inspection", "drug_supervision",
    "entity_annual_report", "finance_institution", "food_operator_credit", "food_operator_inspection",
    "food_sampling_result", "food_trace_ledger", "industry_association", "industry_blacklist",
    "ip_enforcement_case", "legal_rep_blacklist", "local_finance_monitor", "market_entity",
    "member_credit_record", "product_sampling_result", "provincial_return", "pyramid_selling_case",
    "quality_blacklist", "quality_risk_signal", "typical_case", "unfair_competition_list", "unqualified_product",
)  # fmt: skip
# In the order in which they are computed: later ones may read what earlier ones said.
_ALL: tuple[Analysis, ...] = (
    Analysis(
        "subjects",
        "Subjects",
        NAMING_SUBJECTS,
        ("market_subject",),
        "hub.subjects.analysis:compute",
        daily=False,
        wanting="hub.subjects.index:is_wanting",
    ),
    Analysis(
        "credit",
        "Credit classes and warnings",
        (
            "market_subject",
            "market_entity",
            "administrative_penalty",
            "abnormal_operation_list",
            "quality_blacklist",
            "unfair_competition_list",
            "commercial_bribery_blacklist",
            "legal_rep_blacklist",
            "entity_annual_report",
            "ip_enforcement_case",
            "member_credit_record",
            "food_operator_credit",
            "product_sampling_result",
            "food_sampling_result",
            "unqualified_product",
            "complaint_report",
        ),
        ("credit_class", "credit_warning"),
        "hub.credit.computing:compute",
    ),
    Analysis(
        "prices",
        "Prices",
        ("price_monitoring",),
        ("price_alert",),
        "hub.prices.compute:compute",
    ),
    Analysis(
        "complaints",
        "Complaints: groups, hot spots, statistics",
        ("complaint_report",),
        ("complaint_group", "complaint_hot_spot", "complaint_statistic"),
        "hub.complaints.analysis:compute",
    ),
    Analysis(
        "trace",
        "Food trace and recalls",
        ("food_trace_ledger", "food_trace_certificate", "unqualified_product"),
        ("trace_finding", "food_trace_public", "product_recall"),
        "hub.trace.computing:compute",
    ),
    Analysis(
        "documents",
        "Validity of normative documents",
        ("normative_document",),
        ("document_validity",),
        "hub.documents.validity:compute",
    ),
    Analysis(
        "finance",
        "Checks of finance statistics",
        ("local_finance_monitor", "finance_institution"),
        ("finance_licence_state", "finance_check"),
        "hub.finance.checks:compute",
    ),
    Analysis(
        "risks",
        "Risks of products",
        ("quality_risk_signal",),
        ("quality_risk_signal", "risk_assessment"),
        "hub.risks.assessment:compute",
    ),
    Analysis(
        "associations",
        "Trade associations and their members' credit",
        ("industry_association", "member_credit_record", "industry_blacklist"),
        ("association_overview",),
        "hub.associations.overview:compute",
    ),
    Analysis(
        "targets",
        "Targets of the plan",
        (
            "authority_item",
            "industry_association",
            "member_credit_record",
            "typical_case",
            "food_operator_credit",
            "food_trace_ledger",
            "plan_report",
        ),
        ("target_progress",),
        "hub.plan.progress:compute",
    ),
)
ANALYSES: Mapping[str, Analysis] = {one.name: one for one in _ALL}


def find(name: str) -> Analysis:
    """The analysis; raises Misdeclared (analysis_unknown)."""
    if name not in ANALYSES:
        words = {"expected": ", ".join(ANALYSES)}
        raise Misdeclared(Issue("analysis_unknown", value=name, params=words))
    return ANALYSES[name]
