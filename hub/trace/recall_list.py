"""The recall list of a batch: who received how much of it and when, and what may still be there.

For supervisors and for who calls it back (食品召回管理办法, order 12, articles 10 and 12): it names operators
and quantities, which never are public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from hub.analysis.inputs import Inputs
from hub.trace.chain import Chain
from hub.trace.parties import received
from hub.trace.walk import BACK
from hub.trace.words import FINDING, PARTY, ROW, STAGES, WAYS, with_titles
from publisher.formats.text_cell import write_text

Text = Callable[..., str]
_WIDTHS = {"name": 30, "operator_name": 30, "counterparty_name": 30, "trace_batch_nos": 40, "address": 40,
           "certificates": 40, "producer_name": 26, "trace_batch_no": 24, "prev_batch_no": 24}  # fmt: skip


def recall_list(inputs: Inputs, chain: Chain) -> pl.DataFrame:
    """The columns of `words.PARTY`: everybody who received goods of the batch from where the walk began on."""
    reached = received(chain.walk.rows)["buyer"].unique()
    rows = chain.parties.filter(pl.col("party").is_in(reached.implode()))
    rows = rows.join(_certificates(chain), on="party", how="left")
    places = _places(inputs, rows["uscc"].drop_nulls())
    rows = rows.join(places, on="uscc", how="left").with_columns(
        division_code=pl.coalesce("division_code", "_division")
    )
    return rows.select(list(PARTY))


def _certificates(chain: Chain) -> pl.DataFrame:
    """party, certificates: of what it bought, and of the sales to it."""
    words = pl.concat_str("kind", "certificate_no", separator=" ")
    papers = chain.walk.papers.select(code="trace_batch_no", words=words)
    buyers = chain.walk.rows.filter(pl.col("way") != BACK).select("code", party="buyer")
    both = buyers.join(papers, on="code").sort("words")
    return both.group_by("party").agg(certificates=pl.col("words").unique(maintain_order=True))


def _places(inputs: Inputs, codes: pl.Series) -> pl.DataFrame:
    """uscc, telephone, address and _division, as the register has them."""
    place = pl.coalesce("business_site", "domicile")
    division = pl.coalesce("business_division", "domicile_division", "division_code")
    rows = inputs.scan("market_entity").filter(pl.col("uscc").is_in(codes.implode()))
    told = rows.select("uscc", telephone="phone", address=place, _division=division)
    return told.unique("uscc", keep="last").collect()


def write_recall_list(
    path: Path, inputs: Inputs, chain: Chain, text: Text, *, chinese: bool
) -> int:
    """Write the workbook: the list, every movement, what is found, and what it is about. Returns how many
    the list has. All cells are text; nothing in them is calculated. Raises OSError."""
    listed = recall_list(inputs, chain)
    stages = {name: text(message) for name, message in STAGES.items()}
    ways = {name: text(message) for name, message in WAYS.items()}
    shown = listed.with_columns(
        pl.col("stage").replace(stages),
        pl.when("recorded")
        .then(pl.lit(text("yes")))
        .otherwise(pl.lit(text("no")))
        .alias("recorded"),
    )
    moved = chain.walk.rows.with_columns(pl.col("way").replace(ways)).select(list(ROW))
    told = with_titles(chain.findings, "kind", "trace_finding_kinds", chinese=chinese)
    told = with_titles(told, "level", "trace_finding_levels", chinese=chinese)
    with Workbook(str(path), {"constant_memory": True}) as book:
        for title, frame, titles in (
            (text("Recall list"), shown.select(list(PARTY)), PARTY),
            (text("Movements"), moved, ROW),
            (text("Findings"), told.select(list(FINDING)), FINDING),
        ):
            _sheet(book, title, frame, {name: text(title) for name, title in titles.items()})
        _about(book, chain, listed.height, text)
    return listed.height


def _sheet(book: Workbook, title: str, frame: pl.DataFrame, titles: Mapping[str, str]) -> None:
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bg_color": "#DDE7F3", "text_wrap": True})
    plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    for place, name in enumerate(frame.columns):
        sheet.set_column(place, place, _WIDTHS.get(name, 16))
    _row(sheet, 0, list(titles.values()), bold)
    for line, row in enumerate(_texts(frame), 1):
        _row(sheet, line, row, plain)


def _about(book: Workbook, chain: Chain, count: int, text: Text) -> None:
    sheet = book.add_worksheet(text("About this list"))
    bold = book.add_format({"bold": True})
    first = chain.walk.rows.filter(pl.col("way") == "here").head(1).to_dicts()
    what = first[0] if first else {}
    lines = [
        (text("Batch or trace code"), chain.walk.asked),
        (text("Product"), what.get("product_name") or ""),
        (text("Producer"), what.get("producer_name") or ""),
        (text("Operators that received it"), str(count)),
        (text("Findings"), str(chain.findings.height)),
        (text("Complete"), text("no: the chain is longer than is shown") if chain.walk.cut else text("yes")),
        (text("Note"), text("What isn't in the ledger isn't in the list; see the findings.")),
    ]  # fmt: skip
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 60)
    for line, (name, value) in enumerate(lines):
        write_text(sheet, line, 0, name, bold)
        write_text(sheet, line, 1, value)


def _texts(frame: pl.DataFrame) -> Iterable[Sequence[str]]:
    whole = frame.with_columns(
        pl.col(name).list.join("；") if dtype == pl.List else pl.col(name).cast(pl.String)
        for name, dtype in frame.schema.items()
    )
    return whole.fill_null("").iter_rows()


def _row(sheet: Worksheet, line: int, cells: Sequence[str], style: Format) -> None:
    for place, cell in enumerate(cells):
        write_text(sheet, line, place, cell, style)
