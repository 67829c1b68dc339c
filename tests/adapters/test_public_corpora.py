"""Files that others wrote to break parsers: csv-spectrum, and a suite of legal and illegal JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from adapters.artefact import Store
from adapters.feed import Breaker, Feed, Format, Source
from adapters.format_csv import read_csv
from adapters.format_json import parse
from adapters.text import utf8_blocks
from exchange_schemas.batch import LINE
from exchange_schemas.errors import SourceUnreadable

# Legal JSON that we refuse: of two values for one key nobody can tell which is meant.
DUPLICATES = {"y_object_duplicated_key_and_value.json"}

PLAIN = Feed("f", {}, "s", None, Source("file", "x"), Format("csv"), "snapshot", (), {}, {},
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
