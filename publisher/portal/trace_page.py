"""What the public may know of a trace code: product, producer, batch and certificates.

Nothing of who traded it, how much or when: the released dataset has no field for that.
"""

from __future__ import annotations

import re
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from exchange_schemas.lots import batch_key_of, batch_keys_of, same_name
from publisher.portal import shown
from publisher.portal.pages import (
    LONGEST_QUERY,
    PAGE_SIZE,
    being_updated,
    chinese,
    library,
    pages,
)

TRACE, RECALL = "food_trace_public", "product_recall"
MOST_RECALLS = 200  # of one producer that are looked at
FIELDS = (
    "trace_code", "product_name", "product_category", "spec", "producer_name", "producer_uscc", "batch", "produced_on",
    "expires_on", "certificates",
)  # fmt: skip
_CODE = re.compile(r"[0-9A-Za-z-]{6,40}")


@pages.get("/trace")
def trace() -> str | Response:
    """Look for a trace code or a batch number; an exact code leads to its page."""
    words = request.args.get("q", "").strip()[:LONGEST_QUERY]
    if words and _found(words) is not None:
        return redirect(url_for("pages.trace_code", code=words))
    found = library().rows(TRACE, words=words, size=PAGE_SIZE) if words else None
    records = [_public(one) for one in found.records] if found else []
    return render_template(
        "trace.html",
        words=words,
        records=records,
        total=found.total if found else 0,
        is_released=library().latest(TRACE) is not None,
    )


@pages.get("/trace/<code>")
def trace_code(code: str) -> str:
    """One trace code. 404 where nothing was released of it; 503 while the dataset is being updated."""
    record = _found(code)
    if record is None:
        if library().updating(TRACE):
            raise being_updated()
        abort(404)
    release = library().latest(TRACE)
    if release is None:
        abort(404)
    standard = library().catalogue.get(TRACE, release.standard_version)
    return render_template(
        "trace_code.html",
        record=record,
        cells=shown.cells(standard, record, chinese()),
        standard=standard,
        recalls=_recalls(record),
    )


def _found(code: str) -> dict[str, Any] | None:
    """The record of exactly this code."""
    if not _CODE.fullmatch(code):
        return None
    found = library().rows(TRACE, words=code, size=PAGE_SIZE)
    return next((_public(one) for one in found.records if one.get("trace_code") == code), None)


def _public(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in FIELDS if record.get(name)}


def _recalls(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Released recalls of the same batch of the same producer; where there is no batch, the day of
    production stands for it. A recall may name several batches, or a day and a batch, in whatever form."""
    batch = batch_key_of(record.get("batch") or record.get("produced_on") or "")
    if batch is None:
        return []
    found: dict[str, dict[str, Any]] = {}
    for words in filter(None, (record.get("producer_uscc"), record.get("producer_name"))):
        rows = library().rows(RECALL, words=words, size=MOST_RECALLS).records
        found |= {one["record_id"]: one for one in rows}
    return [
        one
        for one in found.values()
        if batch in batch_keys_of(one.get("batch") or one.get("produced_on") or "")
        and _same_producer(one, record)
    ]


def _same_producer(one: dict[str, Any], other: dict[str, Any]) -> bool:
    codes = [record.get("producer_uscc") for record in (one, other)]
    if all(codes):
        return codes[0] == codes[1]
    return same_name(one.get("producer_name"), other.get("producer_name"))
