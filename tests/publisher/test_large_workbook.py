"""The workbook of a large release: it follows behind, with a signed note of its own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from publisher import workbooks
from publisher.known_keys import put_in_use
from publisher.manifest import ReleaseFile
from publisher.release import Terms, build_release, verify_release
from publisher.signers import new_signer
from publisher.workbook_note import NOTE, write_note
from tests.publisher.samples import PENALTIES, released, view


def test_a_workbook_follows_a_large_release_and_a_build_beside_it_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "SMALL", 0)
    made = released(tmp_path)
    assert workbooks.workbook_of(made) is None
    (made.path.parent / ".workbook-dead").mkdir()
    write = workbooks.workbook.write

    def while_another_builds(*arguments: Any, **more: Any) -> None:
        released(tmp_path)  # sweeps up what builds have left
        write(*arguments, **more)

    monkeypatch.setattr(workbooks.workbook, "write", while_another_builds)
    file = workbooks.add_workbook(PENALTIES, made)
    assert workbooks.workbook_of(made) == file
    assert workbooks.add_workbook(PENALTIES, made) == file
    assert hashlib.sha256((made.path / file.name).read_bytes()).hexdigest() == file.sha256
    assert {p.name for p in made.path.parent.iterdir()} == {"1", "current.json", ".lock"}


def test_the_note_of_a_workbook_is_signed_with_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "SMALL", 0)
    root, signer = tmp_path / "releases", new_signer("ed25519")
    root.mkdir()
    put_in_use(root, signer)
    made = build_release(root, PENALTIES, view(), Terms(signer=signer))
    workbooks.add_workbook(PENALTIES, made, signer, "许可条款")
    assert verify_release(made.path) == []
    about = openpyxl.load_workbook(made.path / "records.xlsx")["说明"]
    assert "许可条款" in [cell.value for row in about.iter_rows() for cell in row]

    book, note = made.path / "records.xlsx", made.path / NOTE
    right, told = book.read_bytes(), json.loads(note.read_bytes())
    for path in (book, note):
        path.chmod(0o644)

    def wrong() -> list[object]:
        return [issue.params["reason"] for issue in verify_release(made.path)]

    book.write_bytes(right + b" ")  # another workbook, with a note that fits it
    digest = hashlib.sha256(right + b" ").hexdigest()
    file = {**told["file"], "sha256": digest, "bytes": len(right) + 1}
    note.write_text(json.dumps({**told, "file": file}))
    assert wrong() == [f"{NOTE}: signature"]
    note.write_text(json.dumps({**told, "file": file, "signature": None}))
    assert wrong() == [f"{NOTE}: not signed"]
    other = new_signer("ed25519")
    note.unlink()
    write_note(made.path, made, ReleaseFile(**file), other)
    assert wrong() == [f"{NOTE}: signature"]  # by a key that is nobody's
