"""Releases into the storage and out of it: whole, in order, and gone where content was erased."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest

from exchange_schemas.errors import Corrupt, TargetUnavailable
from hub.progress import Silent
from hub.site import Site, create_site
from hub.storage import pushing, releases
from hub.storage.checking import check
from hub.storage.pulling import Puller, pull
from hub.storage.pushing import push_one
from publisher.release import CURRENT, current_release, followed_by, verify_release
from publisher.verify_history import verify_history
from tests.hub.ledger_data import made
from tests.publisher.samples import PENALTY, ROWS, released
from tests.scale.conftest import Storage, set_storage
from tests.scale.processes import COMMAND, begin
from tests.services.s3_server import s3_server
from tests.services.server import free_port


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = create_site(tmp_path / "hub")
    made(found.database_url)
    return found


@pytest.fixture
def portal(tmp_path: Path) -> Site:
    """A machine that has nothing yet."""
    return Site(tmp_path / "portal")


def files(site: Site) -> dict[str, bytes]:
    """All of a dataset's releases, but for locks."""
    root = site.releases / PENALTY
    found = (path for path in root.rglob("*") if path.is_file() and path.name[0] != ".")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def codes(site: Site, storage: Storage) -> list[str]:
    return [issue.code for issue in check(site, storage.bucket, Silent()).issues]


def test_a_portal_gets_what_was_released(storage: Storage, site: Site, portal: Site) -> None:
    released(site.releases, ROWS[:1])
    released(site.releases, ROWS[:2])
    push_one(site, storage.bucket, PENALTY)
    done = pull(portal, storage.bucket)
    assert (done.issues, files(portal)) == ([], files(site))
    assert pull(portal, storage.bucket).files == 0
    newest = current_release(portal.releases, PENALTY)
    assert newest is not None
    assert verify_release(newest.path) == verify_history(newest.path.parent, 2) == []
    assert codes(site, storage) == []


def test_what_was_taken_back_leaves_storage_and_portal(
    storage: Storage, site: Site, portal: Site
) -> None:
    released(site.releases, ROWS[:2])
    push_one(site, storage.bucket, PENALTY)
    pull(portal, storage.bucket)
    before = set(storage.objects())
    released(site.releases, ROWS[1:3])  # takes the first record back
    push_one(site, storage.bucket, PENALTY)
    assert not [key for key in storage.objects() if "/1/records" in key or "/1/internal" in key]
    assert before - set(storage.objects())
    pull(portal, storage.bucket)
    assert files(portal) == files(site)
    assert not list((portal.releases / PENALTY / "1").glob("records*"))
    first = verify_release(portal.releases / PENALTY / "1")
    assert [issue.code for issue in first] == ["release_erased"]


def test_a_list_of_before_brings_nothing_erased_back(storage: Storage, site: Site) -> None:
    """The machine that erased pulls before it could push."""
    released(site.releases, ROWS[:2])
    push_one(site, storage.bucket, PENALTY)
    released(site.releases, ROWS[1:3])
    now = files(site)
    assert pull(site, storage.bucket).files == 0
    assert files(site) == now


def test_an_object_that_was_damaged_is_found_out_and_not_used(
    storage: Storage, site: Site, portal: Site
) -> None:
    released(site.releases, ROWS[:1])
    push_one(site, storage.bucket, PENALTY)
    pull(portal, storage.bucket)
    shown = files(portal)
    released(site.releases, ROWS[:2])
    push_one(site, storage.bucket, PENALTY)
    (key,) = [one for one in storage.objects() if "/2/records.csv@" in one]
    storage.damage(key.removeprefix("city/"))
    assert codes(site, storage) == ["storage_wrong"]
    assert [issue.code for issue in pull(portal, storage.bucket).issues] == ["storage_wrong"]
    newest = current_release(portal.releases, PENALTY)
    assert newest is not None
    assert newest.number == 1
    assert {name: files(portal)[name] for name in shown} == shown
    storage.bucket.remove([key.removeprefix("city/")])
    assert codes(site, storage) == ["storage_missing"]


def test_a_list_that_names_a_path_outside_is_refused(storage: Storage, portal: Site) -> None:
    for path in ("../../evil", "/etc/x", "1/../../x", ""):
        told = f'{{"{path}": {{"sha256": "{"0" * 64}", "bytes": 1, "changed": 1}}}}'
        storage.bucket.write(f"lists/releases/{PENALTY}.json", told.encode())
        assert [i.code for i in pull(portal, storage.bucket).issues] == ["storage_list_wrong"]
    assert files(portal) == {}


def test_the_storage_away_and_back(
    site: Site, portal: Site, monkeypatch: pytest.MonkeyPatch, storage: Storage
) -> None:
    """A release is made all the same; what is noted goes out once the storage is back."""
    there = Storage(storage.bucket, storage.owner, storage.name)
    with monkeypatch.context() as away:
        set_storage(away, f"127.0.0.1:{free_port()}", storage.name)
        pushing.note(site, PENALTY)
        released(site.releases, ROWS[:1])
        assert pushing.push_noted(site) == []
        with pytest.raises(TargetUnavailable):
            releases.newest_there(pushing._bucket(), PENALTY)
        Puller(portal, 1).turn(pushing._bucket())
    assert pushing.push_noted(site) == [PENALTY]
    assert pushing.push_noted(site) == []
    pull(portal, there.bucket)
    assert files(portal) == files(site)


def killed_while_pushing(site: Site, chance: random.Random) -> None:
    process = begin(site, "storage", "push")
    time.sleep(1.2 + chance.random() * 1.2)
    process.kill()
    assert process.wait() in (0, -9)


def test_killed_while_pushing(storage: Storage, site: Site, portal: Site) -> None:
    """At every moment the storage has a whole state: that of before, or the new one."""
    chance = random.Random(7)
    for turn in range(6):
        rows = ROWS[: turn % 2 + 1] if turn < 4 else ROWS[1:3]
        released(site.releases, rows)
        killed_while_pushing(site, chance)
        assert set(codes(site, storage)) <= {"storage_extra", "storage_behind"}
        assert pull(portal, storage.bucket).issues == []
        newest = current_release(portal.releases, PENALTY)
        if newest is not None:
            assert verify_release(newest.path) == []
            assert followed_by(portal.releases, newest) is None
    for name in (PENALTY, pushing.SHOWN):
        push_one(site, storage.bucket, name)
    assert codes(site, storage) == []
    pull(portal, storage.bucket)
    assert files(portal) == files(site)


def test_killed_while_pulling(storage: Storage, site: Site, portal: Site) -> None:
    released(site.releases, ROWS[:1])
    released(site.releases, ROWS[:3])
    push_one(site, storage.bucket, PENALTY)
    chance = random.Random(11)
    for _ in range(4):
        process = begin(portal, "storage", "pull")
        time.sleep(1.2 + chance.random())
        process.kill()
        assert process.wait() in (0, -9)
        newest = current_release(portal.releases, PENALTY)
        if newest is not None:
            assert verify_release(newest.path) == []
    pull(portal, storage.bucket)
    assert files(portal) == files(site)


def test_a_machine_with_an_older_release_pushes_nothing(
    storage: Storage, site: Site, portal: Site
) -> None:
    released(site.releases, ROWS[:1])
    push_one(site, storage.bucket, PENALTY)
    pull(portal, storage.bucket)
    released(site.releases, ROWS[:2])
    push_one(site, storage.bucket, PENALTY)
    assert releases.push(storage.bucket, portal.releases, PENALTY) is None
    assert releases.newest_there(storage.bucket, PENALTY) == 2


def test_a_file_that_changed_on_its_way_is_not_taken_for_the_other(
    storage: Storage, site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"other")
    storage.bucket.put("k", path, "0" * 64)  # what arrived is what is there: its MD5 says so
    with pytest.raises(Corrupt):
        storage.bucket.fetch("k", tmp_path / "y", "0" * 64)
    assert not (tmp_path / "y").exists()
    assert not list(tmp_path.glob(".new-*"))


def test_the_command_says_what_is_wrong(storage: Storage, site: Site) -> None:
    released(site.releases, ROWS[:1])
    begin(site, "storage", "push").wait()
    words = ["storage", "check", "--json"]
    assert begin(site, *words).wait() == 0
    (key,) = [one for one in storage.objects() if CURRENT in one]
    storage.damage(key.removeprefix("city/"))
    assert begin(site, *words).wait() == 1


def test_a_storage_that_never_was_asked_names_its_setting(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("URL", "ftp://x"), ("ENDPOINT", "nowhere"), ("SECRET_KEY", "")):
        with monkeypatch.context() as wrong, s3_server() as endpoint:
            set_storage(wrong, endpoint, "hub")
            wrong.setenv(f"HUB_STORAGE_{name}", value)
            done = subprocess.run(
                [*COMMAND, "--site", str(site.path), "storage", "check", "--json"],
                capture_output=True,
                check=False,
            )
            assert (done.returncode, f"HUB_STORAGE_{name}" in done.stdout.decode()) == (1, True)
