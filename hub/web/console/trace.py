"""Food trace: looking for a batch, its chain as a picture and as tables, and its recall list."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import polars as pl
from flask import Response, request, send_file
from sqlalchemy import Connection

from exchange_schemas.lots import batch_key_of
from hub.analysis.inputs import Inputs
from hub.trace.chain import Chain, chain
from hub.trace.findings_now import newest_findings
from hub.trace.movements import OFFICES
from hub.trace.picture import picture, size_of
from hub.trace.recall_list import write_recall_list
from hub.trace.searching import search as search_lots
from hub.trace.words import FINDING, PARTY, ROW, STAGES, WAYS, with_titles
from hub.web.console.console import Answer, Console
from hub.web.console.pictures import SVG
from hub.web.console.policy import EVERY_ROLE, STAFF, of_roles
from hub.web.console.rendering import page, speech
from hub.web.console.visit import Visit
from publisher.formats.excel_csv import inert, text_kept

LONGEST = 100  # characters of what is looked for
SHOWN = 300  # rows on a page; the file has all
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def of_ledger(_connection: Connection, _named: Mapping[str, Any]) -> frozenset[str]:
    """The departments whose the trace ledger is: who traded with whom is for them alone."""
    return OFFICES


READERS = of_roles(*EVERY_ROLE, owner=of_ledger)


def add_trace(console: Console) -> None:
    """Put the pages on the console."""
    _add_pages(console)
    _add_files(console)


def inputs_of(console: Console) -> Inputs:
    """What is asked for chains."""
    return Inputs(console.site, console.engine, console.catalogue())


def _add_pages(console: Console) -> None:
    @console.page("/trace", STAFF)
    def search(visit: Visit) -> Answer:
        words = request.args.get("q", "").strip()[:LONGEST]
        found = search_lots(inputs_of(console), words).to_dicts() if words else []
        for one in found:  # a slash in a batch would end the address
            one["way"] = batch_key_of(one["batch"] or "") or one["trace_batch_no"]
        may_open = bool(OFFICES & visit.departments(*EVERY_ROLE))
        told = _newest(console) if may_open and not words else {"findings": []}
        return page("trace.html", words=words, lots=found, may_open=may_open, **told)

    @console.page("/trace/<batch>", READERS)
    def show(_visit: Visit, batch: str) -> Answer:
        found, told = _chain(console, batch), speech(console)
        wide, high = size_of(found)
        first = found.walk.rows.filter(pl.col("way") == "here").head(1).to_dicts()
        return page(
            "trace_chain.html",
            batch=batch,
            chain=found,
            first=first[0] if first else found.walk.rows.to_dicts()[0],
            parties=found.parties.to_dicts(),
            findings=in_words(found.findings, told.chinese),
            rows=found.walk.rows.head(SHOWN).to_dicts(),
            shown=SHOWN,
            papers=found.walk.papers.to_dicts(),
            size=(wide, high),
            chosen=_chosen(),
            titles={"party": PARTY, "finding": FINDING, "row": ROW},
            words={"stages": STAGES, "ways": WAYS},
        )


def _newest(console: Console) -> dict[str, Any]:
    """The newest findings, of a kind that is asked for or of all, and how many of which kind there are."""
    chosen, chinese = request.args.get("kind", "")[:LONGEST], speech(console).chinese
    counts, rows = newest_findings(inputs_of(console), chosen, SHOWN)
    counts = counts.with_columns(code="kind")
    kinds = with_titles(counts, "kind", "trace_finding_kinds", chinese=chinese)
    return {"chosen": chosen, "kinds": kinds.to_dicts(), "findings": in_words(rows, chinese)}


def _add_files(console: Console) -> None:
    @console.page("/trace/<batch>/chain.svg", READERS)
    def drawn(_visit: Visit, batch: str) -> Answer:
        told = speech(console)
        content = picture(
            _chain(console, batch), told.text("Chain of {batch}", batch=batch), told.text
        )
        response = Response(content, mimetype=SVG)
        response.headers["Cache-Control"] = "private, no-cache"
        response.add_etag()
        response.make_conditional(request)
        return response

    @console.page("/trace/<batch>/rows.csv", READERS)
    def rows(_visit: Visit, batch: str) -> Answer:
        told = speech(console)
        ways = {name: told.text(words) for name, words in WAYS.items()}
        frame = _chain(console, batch).walk.rows.with_columns(pl.col("way").replace(ways))
        table = frame.select(
            (text_kept(pl.col(n)) if n in _CODES else inert(pl.col(n))).alias(told.text(title))
            for n, title in ROW.items()
        )
        content = table.write_csv(include_bom=True, line_terminator="\r\n")
        return _file(content.encode(), "text/csv", f"{batch}.csv")

    @console.page("/trace/<batch>/recall.xlsx", READERS)
    def recall_list(_visit: Visit, batch: str) -> Answer:
        told = speech(console)
        found = _chain(console, batch)
        with TemporaryDirectory() as folder:
            path = Path(folder) / "recall.xlsx"
            write_recall_list(path, inputs_of(console), found, told.text, chinese=told.chinese)
            content = BytesIO(path.read_bytes())
        name = f"{told.text('Recall list')}-{batch}.xlsx"
        return send_file(content, mimetype=_SHEET, as_attachment=True, download_name=name)


def in_words(findings: pl.DataFrame, chinese: bool) -> list[dict[str, Any]]:
    """Findings whose kind and level are titles."""
    shown = with_titles(findings, "kind", "trace_finding_kinds", chinese=chinese)
    return with_titles(shown, "level", "trace_finding_levels", chinese=chinese).to_dicts()


_CODES = (
    "trace_batch_no", "prev_batch_no", "operator_uscc", "counterparty_uscc", "batch", "division_code",
)  # fmt: skip


def _chosen() -> dict[str, str]:
    """Which of several producers' and products' batches is meant."""
    given = {name: request.args.get(name, "")[:200] for name in ("producer", "product")}
    return {name: value for name, value in given.items() if value}


def _chain(console: Console, batch: str) -> Chain:
    chosen = _chosen()
    return chain(
        inputs_of(console), batch[:LONGEST], chosen.get("producer"), chosen.get("product")
    )


def _file(content: bytes, media_type: str, name: str) -> Response:
    response = Response(content, mimetype=media_type)
    value = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Disposition"] = value
    return response
