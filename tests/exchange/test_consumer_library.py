"""The consumer library by itself: what it imports, whom it believes, what it refuses, older folders."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from exchange_schemas.errors import Corrupt, HubError, Misdeclared, Refused, SourceUnavailable
from hub.consume import asking
from hub.consume.asker import signing_as
from hub.consume.file_store import KEYS, FileStore
from hub.consume.places import InFolder, Receiving
from hub.consume.pull import Wanted
from hub.consume.receiver import Receiver
from hub.consume.sql_place import InDatabase
from hub.consume.trust import Given
from publisher.key_file import write_key
from publisher.signers import Ed25519Signer, key_id
from tests.exchange.stand_in_hub import AT, DATASET, Answer, StandIn, old_line
from tests.services.mariadb_server import fresh_mariadb, mariadb_server
from tests.services.postgres_server import fresh_database

FORBIDDEN = ("flask", "celery", "sqlalchemy", "hub.tables", "hub.database", "werkzeug")


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAITS", (0, 0))


@pytest.fixture
def hub() -> StandIn:
    made = StandIn(segment=64)
    for number in range(150):
        made.say(f"键{number % 50}", {"名": f"第{number}号"} if number % 9 else None)
    return made


@pytest.fixture(scope="module")
def mariadb_url() -> Iterator[str]:
    with mariadb_server() as url:
        yield url


@pytest.fixture(params=["files", "sqlite", "postgresql", "mariadb"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Receiving]:
    if request.param == "files":
        yield InFolder(tmp_path / "to")
        return
    if request.param == "sqlite":
        yield InDatabase(f"sqlite:///{tmp_path / 'to.sqlite'}")
        return
    if request.param == "mariadb":
        fresh = fresh_mariadb(request.getfixturevalue("mariadb_url"))
    else:
        fresh = fresh_database(request.getfixturevalue("postgres_server_url"))
    with fresh as url:
        found = InDatabase(url)
        yield found
        found.engine.dispose()


def receiver(hub: StandIn, place: Receiving, *given: str, **wanted: Any) -> Receiver:
    return Receiver(hub.hub(), place, Given.of(given), Wanted(**wanted))


def code_of(error: pytest.ExceptionInfo[HubError]) -> str:
    return error.value.issue.code


def test_it_is_imported_without_the_hub() -> None:
    program = "import sys; import hub.consume, hub.consume.places; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith(FORBIDDEN)} == set()
    ours = {name for name in loaded if name.partition(".")[0] in ("hub", "publisher", "adapters")}
    allowed = ("hub.consume", "hub.tree", "hub.request_signature")
    rest = {name for name in ours if not name.startswith(allowed)}
    assert rest == {"hub", "publisher", "publisher.signers"}


def test_both_kinds_of_store_hold_all_and_go_on(hub: StandIn, place: Receiving) -> None:
    first = receiver(hub, place, limit=20).receive(DATASET)
    assert (first["entries"], first["receipts_waiting"]) == (150, 0)
    assert any(path.startswith(f"datasets/{DATASET}/segments/") for path in hub.asked)
    for number in range(5):
        hub.say(f"键{number}", {"名": "新"})
    assert receiver(hub, place).receive(DATASET)["entries"] == 5
    store = place.store(DATASET, None)
    assert (store.leaves() == hub.leaves()).all()
    assert receiver(hub, place).reconcile(DATASET) == {"differing": [], "repaired": 0}
    told = [(one["first"], one["last"], one["state"]) for one in hub.receipts]
    assert told == [(1, 150, "taken"), (151, 155, "taken")]


def test_what_the_own_check_refuses_is_told_and_not_current(
    hub: StandIn, place: Receiving
) -> None:
    def check(entries: pl.DataFrame) -> pl.DataFrame:
        wrong = entries.filter(pl.col("record").str.contains("第13\\d号"))
        return wrong.select("seq", code=pl.lit("name"), reason=pl.lit("名称不合规"))

    receiver(hub, place, check=check).receive(DATASET)
    refused = [one for one in hub.receipts if one["state"] == "refused"]
    assert [one["first"] for one in refused] == [n for n in range(131, 141) if (n - 1) % 9]
    assert {one["code"] for one in refused} == {"name"}
    taken = {
        s for o in hub.receipts if o["state"] == "taken" for s in range(o["first"], o["last"] + 1)
    }
    assert taken | {one["first"] for one in refused} == set(range(1, 151))
    store = place.store(DATASET, None)
    if isinstance(store, FileStore):
        lines = store.current().read_text().splitlines()
        assert not {json.loads(line)["seq"] for line in lines} & {one["first"] for one in refused}


def test_receipts_wait_until_the_hub_has_them(hub: StandIn, place: Receiving) -> None:
    def down(path: str, answer: Answer) -> Answer:
        return httpx.Response(503) if path.endswith("receipts") else answer

    hub.faults.append(down)
    assert receiver(hub, place).receive(DATASET)["receipts_waiting"] > 0
    assert (
        hub.receipts == [{"first": 1, "last": 150, "state": "taken"}] * 3
    )  # it had said so thrice
    hub.faults.clear()
    assert receiver(hub, place).receive(DATASET)["receipts_waiting"] == 0
    assert place.store(DATASET, None).waiting() == []


@pytest.mark.parametrize("damage", ["salt", "key", "recorded_at", "standard"])
def test_what_no_digest_covers_is_proven_all_the_same(
    hub: StandIn, tmp_path: Path, damage: str
) -> None:
    def flip(path: str, answer: Answer) -> Answer:
        if not path.endswith("entries"):
            return answer
        at = answer.content.index(f'"{damage}":"'.encode()) + len(damage) + 4
        flipped = bytearray(answer.content)
        flipped[at] = ord("0") if flipped[at] != ord("0") else ord("1")
        return httpx.Response(200, content=bytes(flipped), headers=dict(answer.headers))

    hub.faults.append(flip)
    place = InFolder(tmp_path)
    with pytest.raises(Corrupt) as error:
        receiver(hub, place, segments=False).receive(DATASET)
    assert code_of(error) in ("entry_unproven", "entry_unreadable")
    assert place.store(DATASET, None).place().last == 0


def test_an_interrupted_download_goes_on(hub: StandIn, tmp_path: Path) -> None:
    asked: list[str | None] = []
    answer = hub.answer

    def cut(request: httpx.Request) -> Answer:
        asked.append(request.headers.get("Range"))
        response = answer(request)
        if "/segments/" in request.url.path and len(response.content) > 400:
            return httpx.Response(response.status_code, content=response.content[:400])
        return response

    hub.answer = cut  # type: ignore[method-assign]
    place = InFolder(tmp_path)
    for _ in range(9):
        try:
            receiver(hub, place, limit=20).receive(DATASET)
        except (Corrupt, SourceUnavailable):
            continue
        break
    assert place.store(DATASET, None).place().last == 150
    assert any(asked)


def test_a_hub_set_back_and_a_past_rewritten_are_noticed(hub: StandIn, place: Receiving) -> None:
    receiver(hub, place).receive(DATASET)
    truth = list(hub.said)
    hub.said = truth[:100]
    with pytest.raises(Corrupt) as error:
        receiver(hub, place).receive(DATASET)
    assert code_of(error) == "hub_behind"
    hub.said = [*truth[:50], truth[50].replace(b"2026", b"2025"), *truth[51:]]
    hub.say("新", {"名": "新"})
    with pytest.raises(Corrupt) as error:
        receiver(hub, place).receive(DATASET)
    assert code_of(error) == "hub_rewrote"
    hub.said, hub.origin = truth, f"test/{DATASET}/government-12345678"
    with pytest.raises(Corrupt) as error:
        receiver(hub, place).receive(DATASET)
    assert code_of(error) == "stream_changed"


def test_one_process_receives_at_a_time(hub: StandIn, place: Receiving) -> None:
    store = place.store(DATASET, None)
    with store.receiving(), pytest.raises(Refused) as error:
        receiver(hub, place).receive(DATASET)
    assert code_of(error) == "receiving_busy"
    receiver(hub, place).receive(DATASET)


# --- keys ---------------------------------------------------------------------------------------


def ended(hub: StandIn, until: str | None) -> list[dict[str, Any]]:
    return [*hub.old_keys, {**hub.keys()["keys"][-1], "valid_until": until}]


def test_keys_seen_at_first_are_kept_and_others_need_an_announcement(
    hub: StandIn, place: Receiving
) -> None:
    receiver(hub, place).receive(DATASET)
    old, announced = hub.signer, ended(hub, "2026-06-01T00:00:00Z")
    hub.signer = Ed25519Signer.new()
    with pytest.raises(Corrupt) as error:  # just another key
        receiver(hub, place).receive(DATASET)
    assert code_of(error) == "hub_keys_changed"
    hub.old_keys = ended(StandIn(signer=old), None)  # both at once
    with pytest.raises(Corrupt) as error:
        receiver(hub, place).receive(DATASET)
    assert code_of(error) == "hub_keys_changed"
    hub.old_keys, hub.valid_from = announced, "2026-06-01T00:00:00Z"
    assert receiver(hub, place).receive(DATASET)["entries"] == 0
    kept = place.keys.keys()
    mine = [key_id(old.public_key), key_id(hub.signer.public_key)]
    assert [key["key_id"] for key in kept] == mine
    hub.signer = old  # ended before the checkpoint's time
    with pytest.raises(Corrupt) as error:
        receiver(hub, place).receive(DATASET)
    assert code_of(error) in ("hub_key_unknown", "hub_keys_changed", "hub_keys_wrong")


def test_given_keys_are_believed_and_no_others(hub: StandIn, tmp_path: Path) -> None:
    place, own = InFolder(tmp_path / "to"), key_id(hub.signer.public_key)
    for wrong in ("0" * 64, key_id(Ed25519Signer.new().public_key)):
        with pytest.raises(Corrupt) as error:
            receiver(hub, place, wrong).receive(DATASET)
        assert code_of(error) == "hub_key_unknown"
    (tmp_path / "keys.json").write_text(json.dumps(hub.keys()))
    for right in (own, own.upper(), str(tmp_path / "keys.json")):
        receiver(hub, place, right).receive(DATASET)
    assert not (tmp_path / "to" / KEYS).exists()
    for unusable in ("abc", str(tmp_path)):
        with pytest.raises(Misdeclared) as misdeclared:
            Given.of([unusable])
        assert code_of(misdeclared) == "hub_keys_wrong"


def test_private_keys_are_read_as_they_are_made(tmp_path: Path) -> None:
    own = tmp_path / "signing.json"
    write_key(own, Ed25519Signer.new())
    pem, secret = tmp_path / "own.pem", tmp_path / "secret"
    der = bytes.fromhex("302e020100300506032b657004220420") + bytes(32)
    body = base64.b64encode(der).decode()
    pem.write_text(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")
    secret.write_text(base64.b64encode(bytes(32)).decode())
    for path in (own, pem, secret):
        path.chmod(0o600)
        flow = signing_as(path, "1-2").sync_auth_flow(httpx.Request("GET", "http://h/x?a=1"))
        assert 'keyid="1-2"' in next(flow).headers["Signature-Input"]
    secret.chmod(0o644)
    for wrong in (secret, tmp_path / "none"):
        with pytest.raises(Misdeclared) as error:
            signing_as(wrong, "1-2")
        assert code_of(error) == "sign_key_wrong"


# --- folders from before there were salts -----------------------------------------------------------


def an_old_folder(hub: StandIn, folder: Path, upto: int) -> FileStore:
    store = FileStore(folder, DATASET)
    with store.receiving():
        for first in range(1, upto + 1, 40):
            last = min(first + 39, upto)
            lines = [old_line(line) for line in hub.said[first - 1 : last]]
            store.received.keep(first, last, b"".join(line + b"\n" for line in lines))
    return store


def test_an_older_folder_is_taken_over_in_place(hub: StandIn, tmp_path: Path) -> None:
    store = an_old_folder(hub, tmp_path, 100)
    names = [path.name for path in store.received.pages()]
    hub.erase([7])  # by law, since then: this copy follows
    assert b'"salt"' not in store.received.pages()[0].read_bytes()
    done = receiver(hub, InFolder(tmp_path)).receive(DATASET)
    assert (done["entries"], done["last"]) == (50, 150)
    assert [path.name for path in store.received.pages()][:3] == names
    assert b"".join(p.read_bytes() for p in store.received.pages()) == hub.body(0, 150)
    assert hub.receipts[0] == {"first": 1, "last": 150, "state": "taken"}


def test_an_older_folder_that_says_otherwise_is_left_as_it_is(
    hub: StandIn, tmp_path: Path
) -> None:
    store = an_old_folder(hub, tmp_path, 100)
    page = store.received.pages()[1]
    before = page.read_bytes().replace("第51号".encode(), "第91号".encode())
    digest = json.loads(before.splitlines()[11])["digest"]
    before = before.replace(digest.encode(), b"0" * 64)
    page.write_bytes(before)
    with pytest.raises(Corrupt) as error:
        receiver(hub, InFolder(tmp_path)).receive(DATASET)
    assert (code_of(error), error.value.issue.params["seq"]) == ("received_differs", "52")
    assert page.read_bytes() == before


def test_following_takes_what_comes_and_ends_when_told(hub: StandIn, tmp_path: Path) -> None:
    place, stop, news = InFolder(tmp_path), threading.Event(), list[dict[str, Any]]()
    one = receiver(hub, place)
    one.receive(DATASET)
    hub.notices.append({"id": 1, "dataset": DATASET, "key": "键3", "act": "repair"})

    def told(what: dict[str, Any]) -> None:
        news.append(what)
        if len(news) == 2:
            stop.set()

    hub.say("新", {"名": AT})
    one.follow([DATASET], told, stop)
    assert sorted(str(what.get("dataset")) for what in news[:2]) == ["None", DATASET]
    assert place.store(DATASET, None).place().last == 151
