"""Kinds of issue: food trace and recalls."""

from __future__ import annotations

from exchange_schemas.kind import Kind, error

TRACE_KINDS: dict[str, Kind] = {
    "trace_unknown": error(
        "the trace ledger has no trace code or batch {value}; look for a product or an operator first"
    ),
    "recall_unknown": error("there is no recall {value}; see the list of recalls"),
    "recall_over": error(
        "the recall {value} is over ({state}); open another one where more has to be called back"
    ),
    "recall_words": error("{field} can't be {value}; give it as {expected}"),
    "unqualified_unknown": error("there is no failed sample {value}; see unqualified_product"),
}
