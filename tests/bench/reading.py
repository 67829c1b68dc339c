"""Reading deliveries: ours beside the limit, and beside peers that do the same checks.

python -m tests.bench.reading make FOLDER      writes the files, 25 fields in each row
python -m tests.bench.reading WAY FOLDER       reads one of them, prints JSON

csv            CSV → validated batches: pull, read, normalise, check
csv-limit      `polars.read_csv`, every column text
csv-dlt        the same CSV through dlt into JSON Lines, every row checked by jsonschema-rs; a sample
csv-frictionless  the same CSV validated by frictionless with the standard's Table Schema; a sample
xlsx           workbook → raw batches
xlsx-limit     `polars.read_excel` with calamine
xml            XML → raw batches
xml-limit      lxml `iterparse` to dictionaries
sql            see tests.bench.sources
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import polars as pl
import xlsxwriter
import yaml

from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.feed import Feed
from adapters.mapping import Normaliser
from adapters.pull import pull, read
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.issue import issues_of
from exchange_schemas.validate import check
from tests.bench.memory import peak_megabytes
from tests.bench.records import penalty_rows

ROWS, SHEET_ROWS, XML_ROWS, SAMPLE = 1_000_000, 100_000, 200_000, 50_000
STANDARD = "administrative_penalty"

Figures = dict[str, Any]


def make(folder: Path) -> Figures:
    """penalties.csv, sample.csv, penalties.xlsx, penalties.xml."""
    standard = load_catalogue().get(STANDARD)
    rows = penalty_rows(standard, ROWS)
    filled = [name for name in standard.dtypes if rows[name].null_count() < ROWS // 2]
    lists = [name for name in filled if rows.schema[name] == pl.List(pl.String)]
    told = rows.select(filled).with_columns(pl.col(lists).list.join("；")).cast(pl.String)
    told.write_csv(folder / "penalties.csv")
    told.head(SAMPLE).write_csv(folder / "sample.csv")
    _write_xlsx(folder / "penalties.xlsx", told.head(SHEET_ROWS))
    _write_xml(folder / "penalties.xml", told.head(XML_ROWS))
    for kind, format_ in (
        ("csv", {"encoding": "utf-8"}),
        ("xlsx", {}),
        ("xml", {"rows": "/data/row"}),
    ):
        _declare(folder, kind, format_, filled)
    return {"rows": told.height, "columns": len(filled)}


def _declare(folder: Path, kind: str, format_: dict[str, Any], fields: list[str]) -> None:
    told = {
        "feed": f"bench_{kind}",
        "title": {"zh": "测速", "en": "Bench"},
        "standard": STANDARD,
        "source": {"kind": "file", "path": f"penalties.{kind}"},
        "format": {"kind": kind, **format_},
        "mode": "snapshot",
        "fields": {name: name for name in fields},
    }
    text = yaml.safe_dump(told, allow_unicode=True)
    (folder / f"bench_{kind}.yml").write_text(text, encoding="utf-8")


def _write_xlsx(path: Path, rows: pl.DataFrame) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate([tuple(rows.columns), *rows.iter_rows()]):
            for place, cell in enumerate(cells):
                sheet.write_string(line, place, cell or "")


def _write_xml(path: Path, rows: pl.DataFrame) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<data>\n')
        for row in rows.iter_rows(named=True):
            cells = "".join(f"<{n}>{escape(v)}</{n}>" for n, v in row.items() if v is not None)
            file.write(f"<row>{cells}</row>\n")
        file.write("</data>\n")


def _feed(folder: Path, kind: str) -> Feed:
    return load_feed(folder / f"bench_{kind}.yml")


def ours_csv(folder: Path) -> int:
    feed, standard = _feed(folder, "csv"), load_catalogue().get(STANDARD)
    artefact = pull(feed, Store(folder / "raw")).artefact
    normaliser, rows = Normaliser(feed, standard), 0
    for raw in read(feed, artefact):
        checked = check(standard, normaliser.normalise(raw), feed.fields)
        [issue.message() for issue in issues_of(checked.issues)]  # as its peers tell theirs
        rows += raw.rows.height
    return rows


def ours(kind: str) -> Callable[[Path], int]:
    """To raw batches."""

    def reading(folder: Path) -> int:
        feed = _feed(folder, kind)
        artefact = pull(feed, Store(folder / "raw")).artefact
        return sum(batch.rows.height for batch in read(feed, artefact))

    return reading


def limit_csv(folder: Path) -> int:
    return pl.read_csv(folder / "penalties.csv", infer_schema=False).height


def limit_xlsx(folder: Path) -> int:
    return pl.read_excel(folder / "penalties.xlsx", engine="calamine").height


def limit_xml(folder: Path) -> int:
    from lxml import etree

    found = []
    for _, row in etree.iterparse(str(folder / "penalties.xml"), tag="row"):
        found.append({cell.tag: cell.text for cell in row})
        row.clear()
        while row.getprevious() is not None:
            del row.getparent()[0]
    return len(found)


def dlt_csv(folder: Path) -> int:
    import dlt
    import jsonschema_rs

    schema = dict(load_catalogue().get(STANDARD).schema)
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    properties = schema["properties"]
    lists = [n for n, one in properties.items() if one.get("type") == "array"]
    bad: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        with (folder / "sample.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                record: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
                for name in lists:
                    if name in record:
                        record[name] = record[name].split("；")
                if not validator.is_valid(record):
                    bad.extend(error.message for error in validator.iter_errors(record))
                    continue
                yield record

    os.environ |= {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "DESTINATION__FILESYSTEM__BUCKET_URL": (folder / "dlt").as_uri(),
    }
    pipeline = dlt.pipeline("bench", destination="filesystem", dataset_name="bench",
                            pipelines_dir=str(folder / "dlt-state"))  # fmt: skip
    pipeline.run(dlt.resource(rows, name="penalties"), loader_file_format="jsonl")
    return SAMPLE


def frictionless_csv(folder: Path) -> int:
    from frictionless import Resource, Schema

    from publisher.schema_formats.table_schema import document

    standard = load_catalogue().get(STANDARD)
    told = json.loads(document(standard))
    with (folder / "sample.csv").open(encoding="utf-8") as file:
        names = next(csv.reader(file))
    fields = {field["name"]: field for field in told["fields"]}
    schema = Schema.from_descriptor({"fields": [fields[name] for name in names]})
    report = Resource(path="sample.csv", basepath=str(folder), schema=schema).validate(
        limit_errors=10**6
    )
    return int(report.stats["errors"] >= 0) * SAMPLE


WAYS: dict[str, Callable[[Path], int]] = {
    "csv": ours_csv,
    "csv-limit": limit_csv,
    "csv-dlt": dlt_csv,
    "csv-frictionless": frictionless_csv,
    "xlsx": ours("xlsx"),
    "xlsx-limit": limit_xlsx,
    "xml": ours("xml"),
    "xml-limit": limit_xml,
}


def main(way: str, target: str) -> Figures:
    folder = Path(target)
    if way == "make":
        return make(folder)
    start = time.perf_counter()
    rows = WAYS[way](folder)
    seconds = time.perf_counter() - start
    return {"rows": rows, "seconds": seconds, "peak_mb": round(peak_megabytes())}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
