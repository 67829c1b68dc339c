"""Files that people hand in: under names that are no paths, for their person, for some days."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange_schemas.errors import Refused
from hub import uploads
from hub.site import Site, create_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return create_site(tmp_path / "site")


def keep(site: Site, name: str, content: bytes = b"x", person: str = "wang") -> uploads.Upload:
    return uploads.keep(site, person, name, BytesIO(content))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("登记.csv", "登记.csv"),
        ("../../feeds/evil.yml", "evil.yml"),
        ("C:\\Users\\x\\a.xlsx", "a.xlsx"),
        ("..", "file"),
        ("", "file"),
        (".hidden", "hidden"),
        ("a\x00b\n.csv", "ab.csv"),
        ("长" * 200 + ".zip", "长" * 65 + ".zip"),
        ("x" * 300, "x" * 200),
    ],
)
def test_names_are_plain(site: Site, given: str, kept: str) -> None:
    made = keep(site, given)
    assert made.name == kept and made.path.read_bytes() == b"x"


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)
@given(st.text(max_size=300))
def test_any_name_stays_in_its_folder(site: Site, name: str) -> None:
    made = keep(site, name)
    assert made.path.resolve().parent == (made.folder / "file").resolve()
    assert made.path.is_file() and len(made.name.encode()) <= 220
    assert uploads.find(site, made.number, "wang") == made


def test_nobody_finds_anothers(site: Site) -> None:
    made = keep(site, "a.csv")
    for number, person in (
        (made.number, "li"),
        ("../feeds", "wang"),
        ("0" * 32, "wang"),
        ("", "wang"),
    ):
        with pytest.raises(Refused):
            uploads.find(site, number, person)
    assert uploads.of_person(site, "li") == []
    assert (uploads.uploads_of(site).stat().st_mode & 0o077) == 0


def test_empty_and_unwritable_are_refused_and_leave_nothing(site: Site) -> None:
    with pytest.raises(Refused) as error:
        keep(site, "a.csv", b"")
    assert error.value.issue.code == "upload_empty"

    class Broken(BytesIO):
        def read(self, *_: object) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(Refused) as error:
        uploads.keep(site, "wang", "a.csv", Broken())
    assert error.value.issue.code == "upload_not_kept"
    assert list(uploads.uploads_of(site).iterdir()) == []


def test_old_ones_are_removed(site: Site) -> None:
    old, new = keep(site, "old.csv"), keep(site, "new.csv")
    then = (datetime.now(UTC) - timedelta(days=uploads.KEPT_DAYS + 1)).timestamp()
    os.utime(old.folder, (then, then))
    assert uploads.clean(site) == 1
    assert uploads.of_person(site, "wang") == [new]
