"""What goes into a backup: keys only if asked for, deliveries once, and nothing that nobody knows of."""

from __future__ import annotations

import fcntl
import json
import threading
from pathlib import Path

from hub.backup.checking import check
from hub.backup.making import back_up
from hub.backup.places import SUFFIX
from hub.backup.restoring import restore
from publisher.signing_keys import site_signer
from tests.backup.conftest import Working
from tests.hub.ledger_data import MARKET


def test_keys_only_where_they_are_asked_for(small: Working, tmp_path: Path) -> None:
    site_signer(small.site.keys, small.site.releases, {})
    (small.site.path / "demo-province.key").write_text("secret")
    without = back_up(small.site, small.engine, tmp_path / f"without{SUFFIX}")
    names = set(without.manifest.members)
    assert not any(name.startswith("site/keys/") or name.endswith(".key") for name in names)
    secret = json.loads((small.site.keys / "signing.json").read_bytes())["private_key"]
    folder = back_up(small.site, small.engine, tmp_path / "without")
    assert not any(
        secret.encode() in path.read_bytes() for path in folder.place.rglob("*") if path.is_file()
    )
    made = back_up(small.site, small.engine, tmp_path / f"with{SUFFIX}", keys=True)
    assert made.manifest.keys
    assert set(made.manifest.members) - names >= {
        "site/keys/signing.json",
        "site/demo-province.key",
    }


def test_a_second_backup_links_what_it_has(small: Working, tmp_path: Path) -> None:
    first = back_up(small.site, small.engine, tmp_path / "one")
    (first.place).rename(first.place.with_name("site-20000101T000000Z"))
    first_place = first.place.with_name("site-20000101T000000Z")
    spoilt, *whole = sorted((first_place / "site" / "raw").glob("??/*"))
    spoilt.chmod(0o600)
    spoilt.write_bytes(b"spoilt")
    second = back_up(small.site, small.engine, tmp_path / "one")
    assert check(second.place).manifest.members == second.manifest.members
    assert whole
    for path in whole:
        assert (second.place / path.relative_to(first_place)).samefile(path)
    assert (second.place / spoilt.relative_to(first_place)).read_bytes() != b"spoilt"


def test_what_writers_that_died_have_left_stays_out(small: Working, tmp_path: Path) -> None:
    builder = small.site.releases / MARKET
    (builder / "1").mkdir(parents=True)  # current.json doesn't reach it
    (builder / "1" / "records.csv").write_text("half")
    (builder / ".building-2-77").mkdir()
    (builder / ".building-2-77" / "records.csv").write_text("half")
    (small.site.raw / ".new-77").write_text("half")
    made = back_up(small.site, small.engine, tmp_path / f"one{SUFFIX}")
    assert not [name for name in made.manifest.members if "half" in name or MARKET in name]
    assert not [name for name in made.manifest.members if "/." in name]
    assert restore(made.place, tmp_path / "again").verdict.artefacts == 2


def test_it_waits_for_whoever_is_at_the_files(small: Working, tmp_path: Path) -> None:
    """A taker of filings is in the middle: its row is there, its folder moves a little later."""
    filings = small.site.filings
    (filings / "1").mkdir(parents=True)
    (filings / "1" / "filing.json").write_text("{}")
    (filings / "taken").mkdir()
    done = list[list[str]]()
    with (filings / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        maker = threading.Thread(target=lambda: done.append(_filings(small, tmp_path)))
        maker.start()
        maker.join(1)
        assert maker.is_alive()
        (filings / "1").rename(filings / "taken" / "1")
    maker.join(60)
    assert done == [["site/filings/taken/1/filing.json"]]


def _filings(small: Working, tmp_path: Path) -> list[str]:
    made = back_up(small.site, small.engine, tmp_path / f"one{SUFFIX}").manifest
    return [name for name in made.members if name.startswith("site/filings/")]
