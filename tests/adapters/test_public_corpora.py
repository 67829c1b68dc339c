"""Files that others wrote to break parsers: csv-spectrum, a suite of legal and illegal JSON, and
the workbooks of messytables."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from adapters.artefact import Artefact, Store
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_csv import read_csv
from adapters.format_json import parse
from adapters.plugins import find_reader
from adapters.rule import Rule
from adapters.text import utf8_blocks
from exchange_schemas.batch import LINE
from exchange_schemas.errors import SourceUnreadable

# Legal JSON that we refuse: of two values for one key nobody can tell which is meant.
DUPLICATES = {"y_object_duplicated_key_and_value.json"}

SUFFIXES = (".xls", ".ods", ".zip")  # also .xlsx and .xlsm
KINDS = {".xls": "xls", ".ods": "ods"}  # any other is read as an .xlsx
HEADER_ROWS = {"bian-anal-mca-2005-dols-eng-1011-0312-tab3.xlsm": 47, "large.xlsx": 4}

PLAIN = Feed("f", {}, "s", None, Source("file"), Format("csv"), "snapshot", (), {}, {},
             Breaker(), Path("f.yml"))  # fmt: skip


def cells(path: Path) -> list[dict[str, str]]:
    with TemporaryDirectory() as folder:
        artefact = Store(Path(folder)).keep(io.BytesIO(path.read_bytes()), path.name)
        return [
            {name: cell for name, cell in row.items() if name != LINE}
            for batch in read_csv(PLAIN, artefact)
            for row in batch.rows.to_dicts()
        ]


def test_csv_spectrum(shared: Path) -> None:
    folder = shared / "data" / "awkward-tables" / "csv-spectrum"
    paths = sorted((folder / "csvs").glob("*.csv"))
    assert len(paths) == 12
    for path in paths:
        answer = (folder / "json" / f"{path.stem}.json").read_text()
        expected = json.loads(answer.replace(r"\r\n", r"\n"))  # these copies have lost their CRs
        if path.stem == "location_coordinates":  # its answer is one object, of another telephone
            expected = [{**expected, "Contact Phone Number": "2095257564"}]
        assert cells(path) == expected, path.name


def readable(path: Path) -> bool:
    try:
        parse(
            b"".join(utf8_blocks(iter([path.read_bytes()]), "utf-8", path.name)).decode(),
            path.name,
        )
    except SourceUnreadable:
        return False
    return True


@pytest.mark.parametrize("letter", ["y", "n"])
def test_json_suite(shared: Path, letter: str) -> None:
    paths = sorted((shared / "data" / "json-parsing").glob(f"{letter}_*.json"))
    assert len(paths) > 40
    wrong = [path.name for path in paths if readable(path) is not (letter == "y")]
    assert set(wrong) == (DUPLICATES if letter == "y" else set())


def test_what_json_leaves_open_is_read_or_refused_and_nothing_else(shared: Path) -> None:
    for path in sorted((shared / "data" / "json-parsing").glob("i_*.json")):
        readable(path)


#: Rows of the first sheet below its header, its columns, and what is told of the rows.
WORKBOOKS: dict[str, tuple[int, int, dict[str, int]] | str] = {
    "bian-anal-mca-2005-dols-eng-1011-0312-tab3.xlsm": (13, 4, {"row_blank": 1, "cell_merged": 6}),
    "blank_line.ods": (3, 3, {"row_blank": 1}),
    "encrypted_no_password.xls": "workbook_locked",
    "excel_properties.xls": (17, 1, {"row_blank": 1}),
    "large.xlsx": (30, 11, {"row_blank": 1, "cell_formula": 196}),
    "libreoffice.xlsx": "header_empty",
    "loffice-4.4.1.2.ods": (3, 3, {"row_blank": 1}),
    "multilineods.ods": (0, 1, {}),
    "ods_formats.ods": (5, 10, {"row_blank": 1}),
    "simple.ods": (3, 3, {"row_blank": 1}),
    "simple.xls": (6, 3, {}),
    "simple.xlsx": (6, 3, {}),
    "simple.zip": "it is a zip of other files",
    "span_rich.xls": (5, 4, {"cell_merged": 2}),
    "sw_gen.xlsx": (15, 17, {}),
    "unicode_sheet_name.xls": (0, 1, {"row_blank": 1}),
}


def test_every_workbook_is_read_or_refused(shared: Path) -> None:
    folder = shared / "data" / "awkward-tables" / "messytables_horror"
    paths = [path for path in sorted(folder.glob("*.*")) if path.suffix[:4] in SUFFIXES]
    assert {path.name: sheet(path) for path in paths} == WORKBOOKS


def sheet(path: Path) -> tuple[int, int, dict[str, int]] | str:
    kind = KINDS.get(path.suffix, "xlsx")
    feed = replace(PLAIN, format=Format(kind, {"header_row": HEADER_ROWS.get(path.name, 1)}))
    read = find_reader(kind).read
    artefact = Artefact("", path, path.stat().st_size, path.name)
    try:
        columns = next(read(feed, artefact)).rows.columns[1:]
    except SourceUnreadable as error:
        return error.issue.params.get("reason", error.issue.code)
    whole = replace(feed, fields={name: Rule(name, (name,)) for name in columns})
    batches = list(read(whole, artefact))
    told = Counter(code for batch in batches for code in batch.issues["code"])
    return sum(batch.rows.height for batch in batches), len(columns), dict(told)
