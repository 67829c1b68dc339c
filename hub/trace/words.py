"""The words of chains and findings, in the language of who asks."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from exchange_schemas.codes import load_codes

#: column of `hub.trace.parties` → its title; English titles are message ids
PARTY: Mapping[str, str] = {
    "layer": "Layer",
    "name": "Operator",
    "uscc": "Credit code",
    "division_code": "Division",
    "stage": "Stage",
    "received": "Goods received",
    "first_at": "First received",
    "last_at": "Last received",
    "sold": "Sold on",
    "left": "Not yet sold, by the ledger",
    "telephone": "Telephone",
    "address": "Place of business",
    "certificates": "Certificates of the goods",
    "recorded": "Keeps a trace ledger",
    "trace_batch_nos": "Rows of the ledger",
}
FINDING: Mapping[str, str] = {
    "kind": "Finding",
    "level": "Gap or contradiction",
    "operator_name": "Operator",
    "operator_uscc": "Credit code",
    "counterparty_name": "Counterparty",
    "product_name": "Product",
    "batch": "Batch",
    "happened_on": "Day",
    "found": "What was found",
    "expected": "Expected",
    "trace_batch_nos": "Rows of the ledger",
}
ROW: Mapping[str, str] = {
    "way": "Before or after",
    "trace_batch_no": "Trace code",
    "prev_batch_no": "Stage before",
    "happened_at": "Traded at",
    "operator_name": "Operator",
    "operator_uscc": "Credit code",
    "direction": "Direction",
    "counterparty_name": "Counterparty",
    "counterparty_uscc": "Counterparty's credit code",
    "product_name": "Product",
    "batch": "Batch",
    "producer_name": "Producer",
    "quantity": "Quantity",
    "unit": "Unit",
    "division_code": "Division",
}
STAGES: Mapping[str, str] = {
    "farm": "stage:farm",
    "dealer": "stage:dealer",
    "shop": "stage:shop",
    "person": "stage:person",
}
WAYS: Mapping[str, str] = {"back": "way:back", "here": "way:here", "on": "way:on"}
STEPS: Mapping[str, str] = {
    "open": "recall:open",
    "notify": "recall:notify",
    "return": "recall:return",
    "finish": "recall:finish",
    "stop": "recall:stop",
}


def code_title(codelist: str, code: str, *, chinese: bool) -> str:
    """A code's title; the code where the list hasn't it."""
    found = load_codes(codelist).codes.get(code)
    if found is None:
        return code
    return found.title if chinese else (found.title_en or found.title)


def with_titles(frame: pl.DataFrame, column: str, codelist: str, *, chinese: bool) -> pl.DataFrame:
    """A frame whose column says the titles of its codes."""
    codes = frame[column].drop_nulls().unique().to_list()
    names = {code: code_title(codelist, code, chinese=chinese) for code in codes}
    return frame.with_columns(pl.col(column).replace(names))
