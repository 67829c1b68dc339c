"""The reference consumer and a real listening hub: snapshots, signed requests, the command line."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text, update

from exchange_schemas.errors import Corrupt
from hub.cli.main import hub as command
from hub.consume.asker import Bearer
from hub.consume.asking import Hub
from hub.consume.file_store import FileStore
from hub.consume.places import InFolder, Receiving
from hub.consume.pull import Wanted
from hub.consume.receiver import Receiver
from hub.consume.sql_place import InDatabase
from hub.consume.trust import Given
from hub.consumers.consumer import consumer_named, list_consumers
from hub.consumers.key_handing import hand_out
from hub.database import write
from hub.grants.tables import consumer_grant
from publisher.key_file import write_key
from publisher.signers import key_id, new_signer
from publisher.signing_keys import site_signer
from tests.exchange.served_stream import Served, served
from tests.hub.exchange_hub import application, listening, site_of
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, put

LAST = 720  # 600 companies, 100 of them said again, 20 gone


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    found = served(f"sqlite:///{tmp_path / 'hub.sqlite'}", monkeypatch, companies=300)
    put(found.engine, MARKET, [a_company(n, reg_state="注销") for n in range(300)])
    put(found.engine, MARKET, [a_company(n) for n in range(300, 400)])
    put(found.engine, MARKET, [], gone=[a_company(n) for n in range(20)])
    found.ask("entries?after=700&limit=20")
    found.seal()
    return found


@pytest.fixture
def url(hub: Served) -> Iterator[str]:
    with listening(application(hub.engine)) as address:
        yield address


@pytest.fixture(params=["files", "sql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Receiving:
    if request.param == "files":
        return InFolder(tmp_path / "to")
    return InDatabase(f"sqlite:///{tmp_path / 'to.sqlite'}")


def receiver(hub: Served, url: str, place: Receiving, **wanted: Any) -> Receiver:
    return Receiver(Hub(url, Bearer(hub.key)), place, Given(), Wanted(**wanted))


def current(place: Receiving) -> dict[str, Any]:
    store = place.store(MARKET, None)
    if isinstance(store, FileStore):
        lines = [json.loads(line) for line in store.current().read_text().splitlines()]
        return {line["key"]: line["record"] for line in lines}
    assert isinstance(place, InDatabase)
    with place.engine.connect() as connection:
        rows = connection.execute(text("SELECT key, record FROM exchange_record")).all()
    return {key: json.loads(record) for key, record in rows}


def test_a_snapshot_gives_what_stands_and_can_be_reconciled(
    hub: Served, url: str, place: Receiving, tmp_path: Path
) -> None:
    snapshots = hub.json("snapshots")["snapshots"]
    assert snapshots[0]["seq"] == 512
    assert snapshots[0]["records"] < 512
    done = receiver(hub, url, place, snapshot=True).receive(MARKET)
    assert (done["entries"], done["last"]) == (LAST, LAST)
    whole = InFolder(tmp_path / "whole")
    receiver(hub, url, whole).receive(MARKET)
    assert current(place) == current(whole)
    assert len(current(place)) == 380
    store, all_of_it = place.store(MARKET, None), whole.store(MARKET, None)
    assert (store.leaves() == all_of_it.leaves()).all()
    one = receiver(hub, url, place, snapshot=True)
    assert one.reconcile(MARKET) == {"differing": [], "repaired": 0}
    lost = damage(place)
    assert one.reconcile(MARKET) == {"differing": [lost], "repaired": 1}
    assert current(place) == current(whole)
    assert receiver(hub, url, place, snapshot=True).receive(MARKET)["entries"] == 0


def damage(place: Receiving) -> int:
    """One record of the snapshot is lost; returns its number."""
    store = place.store(MARKET, None)
    if isinstance(store, FileStore):
        path = store.received.pages()[0]
        first, *others = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(others))
        return int(json.loads(first)["seq"])
    assert isinstance(place, InDatabase)
    with place.engine.begin() as connection:
        first = connection.scalar(text("SELECT min(seq) FROM exchange_entry"))
        connection.execute(text("DELETE FROM exchange_entry WHERE seq = :seq"), {"seq": first})
    return int(first or 0)


def test_a_snapshot_with_another_file_is_refused(hub: Served, url: str, tmp_path: Path) -> None:
    for path in site_of(hub.engine).exchange.rglob("snapshot-*"):
        packed = bytearray(path.read_bytes())
        packed[len(packed) // 2] ^= 1
        path.write_bytes(bytes(packed))
    place = InFolder(tmp_path / "to")
    with pytest.raises(Corrupt) as error:
        receiver(hub, url, place, snapshot=True).receive(MARKET)
    assert error.value.issue.code == "snapshot_wrong"
    assert place.store(MARKET, None).place().last == 0


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(command, ["consume", *arguments], env=environment)


def told(*arguments: str, **environment: str) -> Any:
    done = run(*arguments, "--json", **environment)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("kind", ["ed25519", "sm2", "hmac"])
def test_requests_are_signed_in_place_of_a_key(
    hub: Served, url: str, tmp_path: Path, kind: str
) -> None:
    own = None if kind == "hmac" else new_signer(kind)
    public = base64.b64encode(own.public_key).decode() if own else None
    with write(hub.engine) as connection:
        who = consumer_named(connection, list_consumers(connection)[0].name)
        keys = site_of(hub.engine).keys
        handed = hand_out(connection, keys, who, kind, public, "operator")
    file = tmp_path / "own.key"
    if own:
        write_key(file, own)
    else:
        file.write_text(handed.secret or "")
        file.chmod(0o600)
    signer = site_signer(hub.site.keys, hub.site.releases, {})
    believe = ("--hub-key", key_id(signer.public_key))
    sign = ("--sign-key", str(file), "--key-id", handed.keyid)
    database = ("--database", f"sqlite:///{tmp_path / 'to.sqlite'}")
    done = told(url, "--all", *database, *sign, *believe)
    assert {one["dataset"]: one["last"] for one in done["datasets"]}[MARKET] == LAST
    assert all(one["receipts_waiting"] == 0 for one in done["datasets"])


def test_a_dataset_whose_grant_was_changed_keeps_no_other_from_being_received(
    hub: Served, url: str, tmp_path: Path
) -> None:
    put(hub.engine, PENALTY, [a_penalty(1, "甲公司")])
    arguments = (url, "--all", "--to", str(tmp_path / "to"))
    done = told(*arguments, HUB_CONSUMER_KEY=hub.key)
    first, second = (one["dataset"] for one in done["datasets"])
    with write(hub.engine) as connection:
        mine = update(consumer_grant).where(consumer_grant.c.dataset == first)
        fields = ["uscc", "reg_no"] if first == MARKET else ["doc_no"]
        connection.execute(mine.values(fields=json.dumps(fields)))
    put(hub.engine, MARKET, [a_company(9_000)])
    put(hub.engine, PENALTY, [a_penalty(2, "乙公司")])
    again = run(*arguments, "--json", HUB_CONSUMER_KEY=hub.key)
    assert again.exit_code == 1
    found = json.loads(again.stdout)
    assert [one["code"] for one in found["errors"]] == ["stream_changed"]
    assert [(one["dataset"], one["entries"]) for one in found["datasets"]] == [(second, 1)]
    assert "[stream_changed]" in run(*arguments, HUB_CONSUMER_KEY=hub.key).stderr


def test_following_in_a_process_of_its_own(hub: Served, url: str, tmp_path: Path) -> None:
    arguments = ["--dataset", MARKET, "--to", str(tmp_path / "to"), "--follow", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-c", "from hub.cli.main import hub; hub()", "consume", url, *arguments],
        env={**os.environ, "HUB_CONSUMER_KEY": hub.key}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    first = "".join(iter(process.stdout.readline, "}\n"))
    assert f'"last": {LAST}' in first
    put(hub.engine, MARKET, [a_company(9_000)])
    news = json.loads(process.stdout.readline())
    assert (news["dataset"], news["entries"], news["last"]) == (MARKET, 1, LAST + 1)
    process.terminate()
    assert process.wait(20) == 0


def test_the_command_says_what_is_missing(hub: Served, url: str, tmp_path: Path) -> None:
    to, what = ("--to", str(tmp_path / "to")), ("--dataset", MARKET)
    key = {"HUB_CONSUMER_KEY": hub.key}
    for code, arguments, environment in (
        ("store_missing", what, key),
        ("store_missing", (*what, *to, "--database", "sqlite://"), key),
        ("consume_what", to, key),
        ("consume_what", (*what, "--all", *to), key),
        ("consumer_key_missing", (*what, *to), {"HUB_CONSUMER_KEY": ""}),
        ("sign_key_alone", (*what, *to, "--key-id", "1"), key),
        ("current_needs_files", (*what, "--current", "--database", "sqlite://"), key),
        ("store_wrong", (*what, "--database", "nonsense"), key),
        ("hub_keys_wrong", (*what, *to, "--hub-key", "x"), key),
    ):
        done = run(url, *arguments, "--json", **environment)
        assert done.exit_code == 1, code
        assert json.loads(done.stdout)["error"]["code"] == code
    done = run(url, *what, *to, "--current", "--reconcile", **key)
    assert done.exit_code == 0, done.output
    assert f"{MARKET}：新收 {LAST} 条" in done.stdout
