"""Two feeds, one of them still with the table of 2015: taken in, released and pulled together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from sqlalchemy import select

from adapters.declaration import load_feed
from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.record import digest
from hub import review
from hub.consume import consume
from hub.consume.received import Received
from hub.tables import run
from hub.work import work_now
from tests.flow.conftest import Desk
from tests.hub.exchange_hub import a_key, application, listening
from tests.reviewing import appoint, release

PENALTY = "administrative_penalty"
CATALOGUE = load_catalogue()


def _deliver(desk: Desk, name: str, version: str, samples: str) -> dict[str, Any]:
    text = (CATALOGUE.folder(PENALTY) / "samples" / samples).read_text(encoding="utf-8")
    (desk.folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    given = {field for line in text.splitlines() for field in json.loads(line)}
    declared = {
        "feed": name,
        "title": {"zh": "处罚", "en": "Penalties"},
        "standard": PENALTY,
        "version": version,
        "source": {"kind": "file", "path": f"{name}.jsonl"},
        "format": {"kind": "jsonl"},
        "mode": "snapshot",
        "fields": {field: {"from": field, "optional": True} for field in sorted(given)},
    }
    path = desk.folder / f"{name}.yml"
    path.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    done = desk.run(load_feed(path))
    assert done["rejected"] == 0, done["issues"]
    return done


def test_records_of_both_versions_go_all_the_way(desk: Desk, tmp_path: Path) -> None:
    old = _deliver(desk, "of_2015", "1", "v1.valid.jsonl")["accepted"]
    new = _deliver(desk, "of_2018", "2", "valid.jsonl")["accepted"]
    with desk.engine.connect() as connection:
        assert list(connection.scalars(select(run.c.standard_version).order_by(run.c.id))) == [
            "1",
            "2",
        ]
    _released(desk, old, new)
    _pulled(desk, tmp_path, old, new)


def _released(desk: Desk, old: int, new: int) -> None:
    """The release is one of the current version, and says how many records it can't have."""
    first = work_now(desk.site, desk.engine, "publish", {"datasets": [PENALTY]})
    assert first == {}  # nobody has approved anything; what is pending is known now
    appoint(desk.engine)
    release(desk.engine, PENALTY)
    made = work_now(desk.site, desk.engine, "publish", {"datasets": [PENALTY]})[PENALTY]
    with desk.engine.connect() as connection:
        states = {s["state"]: s["records"] for s in review.listing(connection, PENALTY)}
    assert made["untranslated"] == states["blocked"] > 0
    assert made["records"] == states["published"] > 0
    ways = ("published", "blocked", "refused", "withdrawn", "expired")
    assert sum(states.get(state, 0) for state in ways) == old + new
    standard = CATALOGUE.get(PENALTY)
    folder = desk.site.releases / PENALTY / "1"
    for line in (folder / "records.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        assert (
            record.keys() - {"record_id", "published_on", "disclosed_until", "salt"}
            <= standard.fields_for("public").keys()
        )
        assert record.get("status") in (None, *standard.fields["status"].schema["enum"])


def _pulled(desk: Desk, folder: Path, old: int, new: int) -> None:
    """Each reader gets valid records of the version that it asked for, and every number once."""
    key = a_key(desk.engine)
    with listening(application(desk.engine)) as url:
        for version, others in (("1", new), ("2", old)):
            told = consume(url, PENALTY, folder / "to", key, version=version)
            assert told["entries"] == old + new
            schema = CATALOGUE.get(PENALTY, version).schema
            pages = Received(folder / "to" / f"{PENALTY}@{version}").pages()
            entries = [
                json.loads(line) for p in pages for line in p.read_text("utf-8").splitlines()
            ]
            assert [e["seq"] for e in entries] == list(range(1, old + new + 1))
            given = [e for e in entries if "record" in e]
            assert len(given) == len(entries) - told["refused"]
            for entry in given:
                Draft202012Validator(schema).validate(entry["record"])
                assert digest(entry["record"]).hex() == entry["digest"]
            moved = [e for e in entries if "translated_from" in e]
            assert len(moved) == others
