"""Deliveries that are meant to do harm are refused with a clear issue, within 5 s and 256 MB.

Each is read by a process of its own, which tells how long it took and how much memory it and its
children had at most. What importing our libraries takes isn't the delivery's.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SECONDS, MEGABYTES = 5.0, 256
MORE = {"1,000,000 columns in JSON": 300}  # Python's parser has all keys before anybody can count
ZEROS = b"0" * (1 << 20)

# A fork keeps its parent's `ru_maxrss`, so memory is looked at while it is taken: the largest resident
# size of any process of the session, each hundredth of a second.
PROGRAM = """
import json, os, sys, threading, time
from pathlib import Path
from adapters.artefact import Store
from adapters.declaration import load_feed
from adapters.pull import pull, read
from exchange_schemas.errors import SourceUnreadable
mine, most, done = os.getsid(0), [0], threading.Event()
def look():
    while not done.wait(0.01):
        for pid in filter(str.isdecimal, os.listdir("/proc")):
            try:
                if os.getsid(int(pid)) == mine:
                    most[0] = max(most[0], int(Path(f"/proc/{pid}/statm").read_text().split()[1]))
            except (OSError, IndexError):
                pass
watch = threading.Thread(target=look)
feed = load_feed(Path(sys.argv[1]))
watch.start()
start, code, rows = time.perf_counter(), None, 0
try:
    for batch in read(feed, pull(feed, Store(Path(sys.argv[1]).parent / "raw")).artefact):
        rows += batch.rows.height
except SourceUnreadable as error:
    code = error.issue.code
    assert error.issue.message("en") != error.issue.message("zh_CN")
seconds = time.perf_counter() - start
done.set()
watch.join()
print(json.dumps({"code": code, "rows": rows, "seconds": seconds, "mb": most[0] * 4096 / 1e6}))
"""


def packed(opener: Any) -> bytes:
    """300 MB of zeros, packed to a thousandth."""
    target = io.BytesIO()
    with opener(target) as file:
        for _ in range(300):
            file.write(ZEROS)
    return target.getvalue()


def xz_file(target: io.BytesIO) -> lzma.LZMAFile:
    return lzma.LZMAFile(target, "wb", preset=0)


def zipped(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def zip_bomb() -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as file,
    ):
        for _ in range(300):
            file.write(ZEROS)
    return target.getvalue()


def many_members() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.csv", b"")
    return target.getvalue()


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><r><row><a>&l11;</a></row></r>'.encode()


def workbook_bomb() -> bytes:
    """A workbook one of whose parts unpacks to 300 MB."""
    import xlsxwriter

    plain = io.BytesIO()
    with xlsxwriter.Workbook(plain, {"in_memory": True}) as book:
        book.add_worksheet().write_string(0, 0, "a")
    target = io.BytesIO()
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = data.replace(b"</sheetData>", b" " * (300 << 20) + b"</sheetData>")
            made.writestr(name, data)
    return target.getvalue()


CSV, MILLION = {"kind": "csv", "encoding": "utf-8"}, 1_000_000
CASES: dict[str, tuple[str, dict[str, Any], Any, tuple[str, ...]]] = {
    "gz": ("a.csv.gz", CSV, lambda: packed(lambda t: gzip.GzipFile(fileobj=t, mode="wb")),
           ("archive_bomb", "quote_open", "columns_too_many")),
    "xz": ("a.csv.xz", CSV, lambda: packed(xz_file), ("archive_bomb", "quote_open")),
    "zip": ("a.zip", CSV, zip_bomb, ("archive_bomb",)),
    "zip of 20,000 files": ("a.zip", CSV, many_members, ("archive_members",)),
    "no zip": ("a.zip", CSV, lambda: b"PK\3\4" + ZEROS, ("archive_damaged",)),
    "1,000,000 columns in CSV": ("a.csv", CSV, lambda: b"a,b" + b"".join(b",c%d" % n for n in range(MILLION)) + b"\n1\n",
                                 ("columns_too_many",)),
    "1,000,000 columns in JSON": ("a.json", {"kind": "json"},
                                  lambda: json.dumps([{f"c{n}": 1 for n in range(MILLION)}]).encode(),
                                  ("json_invalid",)),
    "1,000,000 columns in XML": ("a.xml", {"kind": "xml", "rows": "/r/row"},
                                 lambda: b"<r><row>" + b"".join(b"<c%d>1</c%d>" % (n, n) for n in range(MILLION)) + b"</row></r>",
                                 ("xml_invalid", "columns_too_many", "xml_too_large", "format_invalid")),
    "brackets": ("a.json", {"kind": "json"}, lambda: b"[" * 1_000_000, ("json_invalid",)),
    "laughs": ("a.xml", {"kind": "xml", "rows": "/r/row"}, laughs, ("xml_doctype",)),
    "a workbook's part": ("a.xlsx", {"kind": "xlsx"}, workbook_bomb,
                          ("workbook_too_large", "format_invalid", "archive_bomb", "child_limit")),
}  # fmt: skip


def read_apart(folder: Path, name: str, content: bytes, format_: dict[str, Any]) -> dict[str, Any]:
    (folder / name).write_bytes(content)
    told = {
        "feed": "hostile", "title": {"zh": "甲", "en": "A"}, "standard": "market_entity",
        "source": {"kind": "file", "path": name}, "format": format_, "mode": "snapshot",
        "fields": {"subject_name": {"from": "a", "optional": True}},
    }  # fmt: skip
    (folder / "hostile.yml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder / "hostile.yml")],
        cwd=ROOT, start_new_session=True, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_bomb_is_refused_quickly_and_cheaply(tmp_path: Path, case: str) -> None:
    name, format_, content, codes = CASES[case]
    found = read_apart(tmp_path, name, content(), format_)
    assert found["code"] in codes, found
    assert found["mb"] < MORE.get(case, MEGABYTES), found
    assert found["seconds"] < SECONDS, found


TRICKS = [
    "../../outside.csv",
    "/outside.csv",
    "..\\..\\outside.csv",
    "a/../../outside.csv",
    "C:\\outside.csv",
]


@pytest.mark.parametrize("name", TRICKS)
def test_names_in_an_archive_lead_nowhere(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in" / "deep"
    folder.mkdir(parents=True)
    before = {path for path in tmp_path.rglob("*") if "outside" in path.name}
    found = read_apart(folder, "a.zip", zipped(**{name: b"a,b\n1,2\n"}), CSV)
    assert found["rows"] == 1
    assert {path for path in tmp_path.rglob("*") if "outside" in path.name} == before
    assert not Path(TRICKS[1]).exists()


def test_a_link_in_an_archive_is_no_file(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert read_apart(tmp_path, "a.zip", target.getvalue(), CSV)["code"] == "member_missing"
