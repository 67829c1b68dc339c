"""What the hub tells the portal of records that were taken back, and the page that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.errors import Corrupt
from publisher.portal.app import create_portal
from publisher.retractions import Confirmation, Retractions, read_retractions, write_retractions
from tests.publisher.portal.conftest import PENALTIES, release

DATASET = "administrative_penalty"


def told(**more: object) -> Retractions:
    surfaces = {
        "files": [Confirmation(2, "2026-11-29T01:02:03.000Z")],
        "search": [Confirmation(2, "2026-11-29T01:02:04.000Z")],
        "feeds": [],
        "ckan:a": [Confirmation(1, "2026-11-28T01:02:03.000Z"),
                   Confirmation(3, "2026-11-29T02:00:00.000Z"),
                   Confirmation(4, "2026-11-29T03:00:00.000Z")],
    }  # fmt: skip
    words = {"dataset": DATASET, "surfaces": surfaces, "titles": {"ckan:a": "省平台<b>"},
             "consumers": {"p1": (3, 2)}, **more}  # fmt: skip
    return Retractions(**words)  # type: ignore[arg-type]


def test_what_is_written_is_read_and_written_once(tmp_path: Path) -> None:
    assert write_retractions(tmp_path, told()) and not write_retractions(tmp_path, told())
    assert read_retractions(tmp_path, DATASET) == told()
    assert read_retractions(tmp_path, "market_entity") == Retractions("market_entity", {}, {}, {})
    assert [path.name for path in tmp_path.iterdir()] == [f"{DATASET}.json"]


def test_the_first_confirmation_after_a_release_counts() -> None:
    assert told().gone_at("ckan:a", 2) == "2026-11-29T02:00:00.000Z"
    assert told().gone_at("files", 3) is None and told().gone_at("feeds", 1) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"surfaces": {"files": [1]}}', '{"surfaces": []}']
)
def test_a_damaged_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / f"{DATASET}.json").write_text(text)
    with pytest.raises(Corrupt) as caught:
        read_retractions(tmp_path, DATASET)
    assert caught.value.issue.code == "retractions_unreadable"


def test_the_page(tmp_path: Path) -> None:
    root, folder = tmp_path / "releases", tmp_path / "retractions"
    release(root, DATASET, PENALTIES)
    release(root, DATASET, PENALTIES[1:])
    portal = create_portal(root, load_catalogue(), retracted=folder).test_client()
    nothing = portal.get("/retractions").text
    assert nothing.count("尚未确认") == 3 and "p1" in nothing
    write_retractions(folder, told())
    page = portal.get("/retractions").text
    assert page.count("尚未确认") == 1  # the feeds
    assert "2026-11-29 10:00:00" in page and "3 家中已确认 2 家" in page
    assert "省平台&lt;b&gt;" in page and "荔乡" not in page
    assert "2 of 3 confirmed" in portal.get("/retractions?lang=en").text
    assert portal.get(f"/retractions?dataset={DATASET}&page=99").status_code == 200
    assert portal.get("/retractions?dataset=none").status_code == 404
    assert portal.get("/retractions?page=-1").status_code == 200


def test_nothing_was_taken_back(tmp_path: Path) -> None:
    release(tmp_path, DATASET, PENALTIES)
    assert (
        "没有撤下的记录"
        in create_portal(tmp_path, load_catalogue()).test_client().get("/retractions").text
    )
