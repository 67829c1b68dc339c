"""Finding a site's feeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange_schemas.errors import Misdeclared
from hub.feeds import copy_samples, find_feed, list_feeds

PLAIN = """\
feed: {name}
title: {{zh: 甲, en: A}}
standard: market_entity
source: {{kind: file, path: a.csv}}
format: {{kind: csv, encoding: utf-8}}
mode: snapshot
fields: {{subject_name: a}}
"""


def lay(folder: Path, file: str, name: str) -> Path:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PLAIN.format(name=name))
    return path


def test_by_name_by_file_and_by_path(tmp_path: Path) -> None:
    path = lay(tmp_path, "one.yml", "one")
    assert find_feed(tmp_path, "one").path == path
    assert find_feed(tmp_path, str(path)).name == "one"
    assert find_feed(tmp_path / "elsewhere", str(path)).name == "one"
    lay(tmp_path, "prices/other.yml", "two")
    assert find_feed(tmp_path, "two").path.name == "other.yml"
    assert [feed.name for feed in list_feeds(tmp_path)] == ["one", "two"]


@pytest.mark.parametrize("name", ["none", "none.yml", "../one"])
def test_unknown(tmp_path: Path, name: str) -> None:
    lay(tmp_path, "one.yml", "one")
    with pytest.raises(Misdeclared) as caught:
        find_feed(tmp_path / "feeds", name)
    assert caught.value.issue.code == "feed_unknown"


def test_samples_never_overwrite_what_the_site_has(tmp_path: Path) -> None:
    copy_samples(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in files:
        path.write_text("ours")
    copy_samples(tmp_path)
    assert all(path.read_text() == "ours" for path in files)
    assert not any(path.suffix == ".py" for path in files)
