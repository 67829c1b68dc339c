"""Releases in a real CKAN: whole, the same however often, and nothing of what was taken back."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from exchange_schemas.errors import TargetUnavailable
from publisher.ckan.describing import KEY, TABLE
from publisher.ckan.package import download_path
from publisher.release import Release
from tests.publisher.ckan.pushed import Place
from tests.publisher.samples import ROWS, changed
from tests.services.http_server import Asked
from tests.services.relay import Relay

Make = Callable[..., Place]


def test_a_release_as_the_public_sees_it(place: Make) -> None:
    here = place()
    release = here.release()
    pushed = here.push(release)
    shown, rows = here.shown(), here.rows()
    assert shown is not None and pushed.written == len(ROWS)
    extras = {one["key"]: one["value"] for one in shown["extras"]}
    assert shown["title"] == "行政处罚样例" and shown["version"] == "1"
    assert extras["release_number"] == "1" and extras["update_cycle"] == "daily"
    assert extras["records_sha256"] == release.records_sha256
    assert shown["organization"]["title"] == "市市场监督管理局"
    assert {r["hub_file"] for r in shown["resources"]} >= {TABLE, "records.csv", "manifest.json"}
    assert rows["a1"]["kinds"] == ["罚款", "没收违法所得"] and rows["a1"]["appealed"] is False
    assert rows["d4"]["fine_wan"] == 1234567.123456 and rows["d4"]["facts"] == ""
    assert rows["b2"]["kinds"] == [] and rows["d4"]["kinds"] is None and rows["d4"]["copies"] == -1
    assert here.wrong(release) == []


def test_doing_it_again_changes_nothing(place: Make) -> None:
    here = place()
    release = here.release()
    here.push(release)
    before = here.shown()
    for whole in (False, True):
        again = here.push(release, whole=whole)
        assert (again.removed, again.written, again.files) == (0, 0, ())
    assert here.shown() == before  # metadata_modified of it and of every resource too


def test_an_increment_keeps_every_address_and_no_byte_of_what_left(place: Make) -> None:
    """Not only CKAN's answers are looked at, but its disk."""
    here, secret = place(), "只有这里才有的一句话"
    here.push(here.release(changed(facts=secret)))
    before = here.shown()
    assert stored(here, secret) >= 4  # CSV, JSON Lines, JSON, XML …
    second = here.release(
        [*ROWS[1:3], {**ROWS[3], "facts": "别的"}, {**ROWS[3], "record_id": "e5"}]
    )
    pushed = here.push(second)
    after = here.shown()
    assert before is not None and after is not None
    assert (pushed.removed, pushed.written, pushed.hidden) == (1, 2, False)
    assert sorted(here.rows()) == ["b2", "c3", "d4", "e5"] and stored(here, secret) == 0
    ids = [{r["hub_file"]: r["id"] for r in one["resources"]} for one in (before, after)]
    assert before["id"] == after["id"] and ids[0] == ids[1]
    assert here.wrong(second) == []


def stored(here: Place, text: str) -> int:
    """How many files of the CKAN have the text."""
    files = [path for path in here.ckan.storage.rglob("*") if path.is_file()]
    return sum(text.encode() in path.read_bytes() for path in files)


def test_a_file_that_grows_becomes_a_link_and_its_bytes_go(place: Make) -> None:
    here = place()
    here.push(here.release())
    uploaded = {one[KEY]: one["id"] for one in resources(here) if one[KEY] != TABLE}
    here.target = replace(here.target, files="link", portal="https://open.example.cn")
    release = here.release(ROWS[:3])
    here.push(release)
    base = "https://open.example.cn/datasets/penalty_sample/releases/2"
    linked = {one[KEY]: one for one in resources(here) if one[KEY] != TABLE}
    assert {one["url"] for one in linked.values()} == {f"{base}/{name}" for name in names(release)}
    assert {name: one["id"] for name, one in linked.items()} == uploaded
    assert not [p for one in uploaded.values() for p in here.ckan.storage.rglob(one[6:])]
    assert here.wrong(release) == []


def names(release: Release) -> set[str]:
    return {path.name for path in release.path.iterdir() if path.is_file()}


def resources(here: Place) -> list[dict[str, Any]]:
    shown = here.shown()
    assert shown is not None
    return list(shown["resources"])


def test_large_changes_are_made_while_nobody_looks(place: Make, line: Relay) -> None:
    """More records than one call holds: the dataset is hidden until all of them are there."""
    here = place(rows_a_call=2, files="none")
    here.push(here.release(ROWS[:1]))
    seen: list[set[str] | None] = []

    def instead(asked: Asked) -> None:
        if asked.path.endswith("datastore_upsert"):
            seen.append(None if here.shown() is None else set(here.rows()))

    line.instead = instead
    pushed = here.push(here.release(ROWS))
    assert pushed.hidden and seen == [None, None]
    assert sorted(here.rows()) == ["a1", "b2", "c3", "d4"]


def test_other_columns_make_another_table(place: Make) -> None:
    here = place(files="none")
    here.push(here.release())
    table = next(one["id"] for one in resources(here) if one[KEY] == TABLE)
    here.admin.datastore_create(resource_id=table, fields=[{"id": "extra", "type": "text"}],
                                delete_fields=True, force=True)  # fmt: skip
    release = here.release(ROWS[:3])
    pushed = here.push(release)
    assert pushed.hidden and pushed.written == 3 and here.wrong(release) == []


def test_what_others_changed_is_found_and_put_right(place: Make) -> None:
    here = place()
    release = here.release()
    here.push(release)
    by_file = {one[KEY]: one for one in resources(here)}
    table, csv = by_file[TABLE]["id"], by_file["records.csv"]
    here.admin.datastore_upsert(resource_id=table, records=[{"record_id": "a1", "fine_wan": "9"}],
                                method="update", force=True)  # fmt: skip
    here.admin.datastore_records_delete(resource_id=table, filters={"record_id": "b2"}, force=True)
    here.admin.resource_patch(
        id=csv["id"], upload=("records.csv", (release.path / "delta.csv").open("rb"))
    )
    here.admin.datastore_create(
        resource_id=csv["id"], fields=[{"id": "x", "type": "text"}], force=True
    )
    here.admin.package_patch(id=here.name, title="别的")
    places = {issue.params["place"] for issue in here.wrong(release)}
    assert places == {TABLE, "records.csv", "dataset", "datastore"}
    assert any("a1, b2" in issue.message() for issue in here.wrong(release))
    here.push(release, whole=True)
    assert here.wrong(release) == []


def test_a_reader_never_sees_half(place: Make) -> None:
    """Somebody who reads all the time sees the first release, that one without what left, or the
    second; and never what left once it was gone."""
    here = place(files="none")
    here.push(here.release())
    first, second = {"a1", "b2", "c3", "d4"}, {"a1", "b2", "e5", "f6", "g7"}
    rows = [*changed(facts="新")[:2], *({**ROWS[3], "record_id": n} for n in ("e5", "f6", "g7"))]
    release, seen, stop = here.release(rows), [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            found = here.rows()
            seen.append((frozenset(found), found["a1"]["facts"]))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        here.push(release)
    finally:
        stop.set()
        reader.join()
    old = ROWS[0]["facts"]
    allowed = [(first, old), (first & second, old), (second, "新")]
    steps = [allowed.index((set(ids), facts)) for ids, facts in seen]
    assert steps == sorted(steps) and steps[0] == 0


def test_several_releases_at_once_and_a_chain_that_broke(place: Make) -> None:
    """What was taken back on the way is gone, and what came again is there; where CKAN names a
    release that isn't ours, everything is compared."""
    here = place(files="none")
    here.push(here.release())
    here.release(ROWS[2:])
    here.release(changed(facts="再次")[:3])
    third = here.release([*changed(facts="三次")[:3], {**ROWS[3], "record_id": "e5"}])
    begun = here.begun(third)
    begun.take_back()
    pushed = begun.bring()
    assert (pushed.removed, pushed.written) == (1, 3) and here.wrong(third) == []
    extras = [
        {"key": "release_number", "value": "3"},
        {"key": "manifest_sha256", "value": "0" * 64},
    ]
    here.admin.package_patch(id=here.name, extras=extras)
    fourth = here.release(ROWS[:2])
    pushed = here.push(fourth)
    assert (pushed.removed, pushed.written) == (2, 1) and here.wrong(fourth) == []


def test_a_release_that_was_followed_by_another_is_not_shown(place: Make) -> None:
    """Its files are erased, and it may have what was just taken back."""
    here = place(files="none")
    push = here.begun(here.release())
    push.take_back()
    second = here.release(ROWS[1:])
    with pytest.raises(TargetUnavailable) as caught:
        push.bring()
    assert caught.value.issue.code == "ckan_overtaken" and here.shown() is None
    here.push(second)
    assert here.wrong(second) == []


def test_a_dataset_without_records(place: Make) -> None:
    here = place(files="none")
    for rows, left in (([], 0), (ROWS, 4), ([], 0)):
        release = here.release(rows)
        assert here.push(release).release == release.number
        assert len(here.rows()) == left and here.wrong(release) == []
    assert here.push(release, whole=True).written == 0


def test_digest_of_the_confirmation_is_of_the_ids(place: Make) -> None:
    here = place(files="none")
    here.push(here.release())
    pushed = here.push(here.release(ROWS[:2]))
    assert pushed.removed == 2
    assert pushed.removed_sha256 == hashlib.sha256(b"c3\nd4").hexdigest()
    assert download_path({"url": "x/y.csv", "package_id": "p", "id": "r"}).endswith(
        "/download/y.csv"
    )
