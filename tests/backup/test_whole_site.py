"""A folder that isn't a whole site isn't opened, and says what to do."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from exchange_schemas.errors import HubError, Refused
from hub.backup.making import back_up
from hub.backup.places import SUFFIX
from hub.backup.restoring import restore
from hub.backup.stillness import only_backup
from hub.database import connect
from hub.site import Site, create_site, open_site
from tests.backup.busy_site import last_seq
from tests.backup.conftest import Working
from tests.hub.ledger_data import MARKET


def code_of(path: Path) -> str:
    with pytest.raises(HubError) as found:
        open_site(path)
    for locale in ("en", "zh_CN"):
        assert "{" not in found.value.issue.message(locale)
    return found.value.issue.code


@pytest.mark.parametrize("missing", ["hub.sqlite", "raw", "releases"])
def test_a_half_copied_site(small: Working, tmp_path: Path, missing: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(small.site.path, copy, ignore=shutil.ignore_patterns(missing))
    assert code_of(copy) == "site_half_copied"


def test_a_new_site_without_a_database_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.delenv("HUB_DATABASE_URL", raising=False)
    create_site(tmp_path / "new")
    assert open_site(tmp_path / "new")


def test_a_folder_being_restored_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "RESTORING").write_text("")
    assert code_of(tmp_path) == "site_restoring"
    with pytest.raises(Refused):
        create_site(tmp_path)


def test_nothing_is_written_over(small: Working, tmp_path: Path) -> None:
    place = back_up(small.site, small.engine, tmp_path / f"one{SUFFIX}").place
    for to in (small.site.path, place):
        with pytest.raises(Refused) as found:
            restore(place, to)
        assert found.value.issue.code == "restore_not_empty"
    with pytest.raises(Refused) as found:
        back_up(small.site, small.engine, place)
    assert found.value.issue.code == "backup_exists"
    with pytest.raises(Refused) as found:
        back_up(small.site, small.engine, small.site.path / "backups")
    assert found.value.issue.code == "backup_inside_site"
    with only_backup(small.site), pytest.raises(Refused) as found:
        back_up(small.site, small.engine, tmp_path / f"two{SUFFIX}")
    assert found.value.issue.code == "backup_busy"


def test_links_are_left_out_and_named(small: Working, tmp_path: Path) -> None:
    (small.site.feeds / "linked.yml").symlink_to("/etc/hostname")
    (small.site.path / "linked").symlink_to("/etc/hostname")
    made = back_up(small.site, small.engine, tmp_path / "backups")
    assert sorted(made.left_out) == ["feeds/linked.yml", "linked"]
    assert not any("linked" in name for name in made.manifest.members)


LIMITS = (0, 1_000, 100_000, 700_000)


def _limited(path: Path, to: Path, answer: Connection) -> None:
    site = Site(path)
    engine = connect(site.database_url)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    for limit in LIMITS:
        for name in (f"one{SUFFIX}", "folder"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            try:
                back_up(site, engine, to / name)
                answer.send("made")
            except Refused as error:
                answer.send(error.issue.code)


def test_a_full_disk(small: Working, tmp_path: Path) -> None:
    """A file that may not grow: the name isn't taken, nothing is left, and the site works on."""
    (small.site.feeds / "large.csv").write_bytes(os.urandom(1_000_000))
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    maker = context.Process(target=_limited, args=(small.site.path, tmp_path / "disk", theirs))
    maker.start()
    for _ in range(2 * len(LIMITS)):
        assert mine.recv() == "disk_full"
    maker.join(60)
    assert [path for path in (tmp_path / "disk").rglob("*") if path.is_file()] == []
    assert not (small.site.path / ".backup-room").exists()
    assert last_seq(small.engine, MARKET) == 300
