"""A small city for tests of credit: companies and what is recorded about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from hub.analysis import computing
from hub.analysis.analyses import ANALYSES
from hub.current import current_fields
from tests.analysis.conftest import Place
from tests.hub.ledger_data import MARKET, PENALTY, put

CLASS, WARNING = "credit_class", "credit_warning"
ABNORMAL = "abnormal_operation_list"
DAY = date(2026, 11, 30)


def code(number: int) -> str:
    """A company's code."""
    return f"91440902MA{number:07d}X"


def company(number: int, **more: Any) -> dict[str, Any]:
    """A shop for clothes in Xinyi: nothing about its industry or place counts."""
    return {
        "subject_name": f"信宜市第{number}号商行",
        "uscc": code(number),
        "reg_state": "存续",
        "domicile_division": "440983",
        "industry_section": "C",
        "industry_code": "1810",
        "established_on": "2020-01-01",
        **more,
    }


def penalty(number: int, whose: int, **more: Any) -> dict[str, Any]:
    """A fine of October 2026."""
    return {
        "authority_uscc": "11440900000000019J",
        "doc_no": f"茂市监处罚〔2026〕{number}号",
        "subject_name": f"信宜市第{whose}号商行",
        "uscc": code(whose),
        "penalty_kinds": ["罚款"],
        "status": "正常",
        "decided_on": "2026-10-08",
        **more,
    }


def listed(number: int, whose: int, **more: Any) -> dict[str, Any]:
    """An entry of the list of abnormal operations."""
    return {
        "entry_id": f"YC{number:04d}",
        "subject_name": f"信宜市第{whose}号商行",
        "uscc": code(whose),
        "reason_code": "1",
        "listed_on": "2026-03-01",
        **more,
    }


def complaint(number: int, whose: int, **more: Any) -> dict[str, Any]:
    """A complaint that was accepted in November 2026."""
    return {
        "ticket_no": f"MM{number:06d}",
        "kind": "投诉",
        "received_at": "2026-11-03T09:00:00+08:00",
        "respondent_uscc": code(whose),
        "accept_decision": "受理",
        "accept_decided_on": "2026-11-05",
        **more,
    }


def compute(place: Place, day: date = DAY) -> dict[str, dict[str, int]]:
    """Compute credit for a day; returns dataset → counts."""
    found = computing.compute(place.site, place.engine, [ANALYSES["credit"]], day=day)
    return found["credit"]


def said(place: Place, dataset: str) -> pl.DataFrame:
    """What a dataset of results says now, in order of keys."""
    standard = place.catalogue.get(dataset)
    with place.engine.connect() as connection:
        rows = current_fields(connection, dataset, standard.dtypes)
    return rows.sort("subject", *(["rule", "began_on"] if dataset == WARNING else []))


def result(place: Place, number: int) -> Mapping[str, Any]:
    """The class of one company."""
    return said(place, CLASS).row(by_predicate=pl.col("subject") == code(number), named=True)


__all__ = ["MARKET", "PENALTY", "Place", "put"]
