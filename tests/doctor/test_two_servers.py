"""Two servers on one SQLite site: the second is refused, and the first one's end is noticed at once."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest

from exchange_schemas.errors import Refused
from hub.database import connect, create_tables
from hub.site import Site, create_site
from hub.site_lock import NAME, holder, serving
from tests.doctor.serving_site import at_once, served


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = create_site(tmp_path / "site")
    create_tables(connect(made.database_url))
    return made


def test_the_second_server_is_refused_and_told_of_the_first(site: Site) -> None:
    with served(site.path, "--no-worker") as (first, _):
        refused = at_once(site.path, "serve", "--port", "0")
        assert refused.returncode == 1
        assert "[site_served]" in refused.stderr
        assert str(first.pid) in refused.stderr
        assert "Traceback" not in refused.stderr
        found = holder(site)
        assert found is not None
        assert found.pid == first.pid
        first.send_signal(signal.SIGKILL)  # the lock ends with the process, however that ends
        first.wait()
        assert holder(site) is None
        with served(site.path, "--no-worker") as (_, url):
            assert url.startswith("http://")


def test_workers_and_commands_go_on_beside_a_server(site: Site) -> None:
    with served(site.path, "--no-worker"):
        assert at_once(site.path, "worker", "--once").returncode == 0
        told = json.loads(at_once(site.path, "doctor", "--json").stdout)
        (server,) = [one for one in told["findings"] if one["check"] == "servers"]
        assert server["code"] == "doctor_server"


def test_a_copy_of_the_folder_is_not_locked(site: Site, tmp_path: Path) -> None:
    with serving(site):
        copy = tmp_path / "copy"
        shutil.copytree(site.path, copy)
        assert (copy / NAME).is_file()
        with serving(Site(copy)):
            assert holder(Site(copy)) is not None
        with pytest.raises(Refused), serving(site):
            pass


def test_a_lock_file_with_nonsense_in_it_locks_nobody_out(site: Site) -> None:
    for content in (b"", b"{", b"[1]", b'{"pid": 1, "more": 2}', b"\xff" * 5000):
        (site.path / NAME).write_bytes(content)
        assert holder(site) is None
        with serving(site):
            assert holder(site) is not None


def test_on_postgresql_several_may_serve(
    site: Site, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_DATABASE_URL", postgres_url)
    with serving(site), serving(site):
        assert holder(site) is None
