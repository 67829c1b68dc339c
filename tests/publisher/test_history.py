"""Histories of any shape: both verifiers agree with a plain replay, and so does "as of"."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher import as_of, verifier
from publisher.deltas import DELTA, DELTA_COLUMNS, TOMBSTONE_COLUMNS, TOMBSTONES
from publisher.disk import sha256
from publisher.manifest import (
    MANIFEST,
    Previous,
    Release,
    ReleaseFile,
    as_json,
    read_manifest,
)
from publisher.signing import sign_manifest
from publisher.verify_history import verify_history
from tests.publisher.chains import SIGNER

IDS = "abcdef"
LAW = ("term_over", "公示期满", "行政处罚法，第四十八条\n第二款")
DAY = "2026-01-{:02d}"

# Each release says of some records that they have a content (a number) or none.
Histories = st.lists(
    st.dictionaries(st.sampled_from(IDS), st.one_of(st.none(), st.integers(0, 2)), max_size=4),
    min_size=1, max_size=6,
)  # fmt: skip


@dataclass
class Written:
    """A dataset's folder with a release per step, and which records each release has."""

    folder: Path
    public: list[dict[str, int]] = field(default_factory=list)


def write_history(folder: Path, steps: list[dict[str, int | None]]) -> Written:
    """Releases with no other files than those that prove the history."""
    written, salt = Written(folder), 0
    held: dict[str, tuple[int, str]] = {}
    stones: dict[str, tuple[str, ...]] = {}
    for number, step in enumerate(steps, start=1):
        rows: list[tuple[str, ...]] = []
        for record, content in sorted(step.items()):
            had = held.get(record)
            if content is None and had:
                del held[record]
                day = DAY.format(number)
                stones[record] = (record, "2026-01-01", day, str(number), *LAW)
                rows.append(("removed", record, had[1], *LAW))
            elif content is not None and (had is None or had[0] != content):
                salt += 1
                commitment = hashlib.sha256(f"{record}{content}{salt}".encode()).hexdigest()
                held[record] = content, commitment
                stones.pop(record, None)
                rows.append(("changed" if had else "added", record, commitment, "", "", ""))
        write_release(folder, number, rows, held, stones)
        written.public.append({record: content for record, (content, _) in held.items()})
    return written


def write_release(
    folder: Path,
    number: int,
    rows: list[tuple[str, ...]],
    held: dict[str, tuple[int, str]],
    stones: dict[str, tuple[str, ...]],
) -> None:
    path = folder / str(number)
    path.mkdir(parents=True)
    table(path / DELTA, rows, DELTA_COLUMNS)
    table(path / TOMBSTONES, list(stones.values()), tuple(TOMBSTONE_COLUMNS))
    kinds = [row[0] for row in rows]
    counts = {kind: kinds.count(kind) for kind in ("added", "changed", "removed")}
    text = "\n".join(sorted(commitment for _, commitment in held.values()))
    before = folder / str(number - 1) / MANIFEST
    release = Release(
        dataset=folder.name, number=number, path=path, standard_version="1",
        created_at=f"{DAY.format(number)}T10:00:00+08:00", counts={"records": len(held), **counts},
        records_sha256="", commitments_sha256=hashlib.sha256(text.encode()).hexdigest(),
        files=tuple(sealed(path / name) for name in (DELTA, TOMBSTONES)),
        previous=Previous(number - 1, sha256(before)) if number > 1 else None,
    )  # fmt: skip
    (path / MANIFEST).write_bytes(as_json(release))
    sign_manifest(path, SIGNER)


def table(path: Path, rows: list[tuple[str, ...]], columns: tuple[str, ...]) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    frame.with_columns(pl.all().replace("", None)).write_csv(path, line_terminator="\r\n")


def sealed(path: Path) -> ReleaseFile:
    return ReleaseFile(path.name, path.stat().st_size, sha256(path), "text/csv", "", "")


def found(folder: Path, newest: int) -> tuple[list[str], list[str]]:
    by_script = [what for right, what in verifier.checks(folder, ()) if right is False]
    return by_script, [issue.code for issue in verify_history(folder, newest)]


@given(Histories, st.data())
@settings(max_examples=25, deadline=None)
def test_any_history_is_right_and_any_lie_about_it_is_found(
    tmp_path_factory: object, steps: list[dict[str, int | None]], data: st.DataObject
) -> None:
    folder = made(tmp_path_factory) / "data"
    write_history(folder, steps)
    assert found(folder, len(steps)) == ([], [])
    path = (
        folder
        / str(data.draw(st.integers(1, len(steps))))
        / data.draw(st.sampled_from([DELTA, TOMBSTONES]))
    )
    rows = path.read_bytes().split(b"\r\n")[:-1]
    if len(rows) < 2:
        return
    del rows[data.draw(st.integers(1, len(rows) - 1))]
    path.write_bytes(b"".join(row + b"\r\n" for row in rows))
    sign_anew(path)  # by the publisher, so that nothing but the history can tell
    by_script, by_hub = found(folder, len(steps))
    assert by_script
    assert by_hub


def sign_anew(path: Path) -> None:
    manifest = path.with_name(MANIFEST)
    told = json.loads(manifest.read_bytes())
    for one in told["files"]:
        if one["name"] == path.name:
            one |= {"bytes": path.stat().st_size, "sha256": sha256(path)}
    manifest.write_bytes((json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode())
    path.with_name("manifest.sig").unlink()
    sign_manifest(path.parent, SIGNER)


def made(factory: object) -> Path:
    folder: Path = factory.mktemp("history")  # type: ignore[attr-defined]
    return folder


@given(Histories)
@settings(max_examples=40, deadline=None)
def test_as_of_is_a_plain_replay(
    tmp_path_factory: object, steps: list[dict[str, int | None]]
) -> None:
    folder = made(tmp_path_factory) / "data"
    public = [{}, *write_history(folder, steps).public]
    history = as_of.history_of(read_manifest(folder / str(len(steps))))
    assert history.release_on("2025-12-31") == 0
    for number in range(len(steps) + 1):
        assert history.release_on(DAY.format(number)) == number
        rows = as_of.standing(history, number, "public")
        assert set(rows["record_id"]) == set(public[number])
        assert as_of.count_public(history, number) == len(public[number])
        for row in rows.iter_rows(named=True):
            record = row["record_id"]
            began = max(
                n
                for n in range(1, number + 1)
                if record in public[n] and record not in public[n - 1]
            )
            assert row["since"] == DAY.format(began)
            assert (row["now"] == "removed") == (record not in public[-1])
        ever = {record for step in public[: number + 1] for record in step}
        gone = as_of.standing(history, number, "removed")
        assert set(gone["record_id"]) == ever - set(public[number])
        assert set(gone["reason"]) <= {"term_over"}
        whole = pl.concat([rows.clear(), *as_of.slices(history, number)])
        assert set(whole["record_id"]) == ever


@given(Histories, st.data())
@settings(max_examples=40, deadline=None)
def test_what_differs_is_what_two_replays_differ_in(
    tmp_path_factory: object, steps: list[dict[str, int | None]], data: st.DataObject
) -> None:
    folder = made(tmp_path_factory) / "data"
    public = [{}, *write_history(folder, steps).public]
    history = as_of.history_of(read_manifest(folder / str(len(steps))))
    before = data.draw(st.integers(0, len(steps)))
    after = data.draw(st.integers(before, len(steps)))
    table = as_of.difference(history, before, after)
    told = dict(table.select("record_id", "change").iter_rows())
    assert {r for r, kind in told.items() if kind == "added"} == set(public[after]) - set(
        public[before]
    )
    assert {r for r, kind in told.items() if kind == "removed"} == set(public[before]) - set(
        public[after]
    )
    both = set(public[before]) & set(public[after])
    surely = {r for r in both if public[before][r] != public[after][r]}
    assert surely <= {r for r, kind in told.items() if kind == "changed"} <= both
    assert all(
        row["reason"] == ("term_over" if row["change"] == "removed" else None)
        for row in table.iter_rows(named=True)
    )
