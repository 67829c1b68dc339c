"""What goes wrong while a consumer receives: busy folders, erasures, lists and answers that aren't right."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from exchange_schemas.errors import Corrupt, HubError, Refused
from hub.consume import asking
from hub.consume.places import InFolder, Receiving
from hub.consume.pull import Wanted
from hub.consume.receiver import Receiver
from hub.consume.sql_place import InDatabase
from hub.consume.trust import Given
from tests.exchange.stand_in_hub import AT, DATASET, Answer, StandIn


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAITS", (0, 0))


@pytest.fixture
def hub() -> StandIn:
    made = StandIn(segment=64)
    for number in range(150):
        made.say(f"键{number % 50}", {"名": f"第{number}号"} if number % 9 else None)
    return made


@pytest.fixture(params=["files", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Receiving:
    if request.param == "files":
        return InFolder(tmp_path / "to")
    return InDatabase(f"sqlite:///{tmp_path / 'to.sqlite'}")


def receiver(hub: StandIn, place: Receiving, **wanted: Any) -> Receiver:
    return Receiver(hub.hub(), place, Given(), Wanted(**wanted))


def code_of(error: pytest.ExceptionInfo[HubError]) -> str:
    return error.value.issue.code


def test_following_waits_while_another_thread_receives(
    hub: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that erases holds the dataset's lock, too."""
    monkeypatch.setattr("hub.consume.receiver.REST", 0.01)
    place, stop, news = InFolder(tmp_path), threading.Event(), list[dict[str, Any]]()
    one, lock = receiver(hub, place), place.store(DATASET, None).receiving()
    one.receive(DATASET)
    hub.say("新", {"名": AT})
    lock.__enter__()

    def told(what: dict[str, Any]) -> None:
        if "waiting" in what and not news:
            lock.__exit__(None, None, None)
        news.append(what)
        if "dataset" in what:
            stop.set()

    one.follow([DATASET], told, stop)
    assert "another process" in news[0]["waiting"]
    assert place.store(DATASET, None).place().last == 151


def test_following_ends_with_an_error_that_nobody_foresaw(hub: StandIn, tmp_path: Path) -> None:
    one = receiver(hub, InFolder(tmp_path))
    one.receive(DATASET)
    hub.say("新", {"名": AT})

    def told(what: dict[str, Any]) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        one.follow([DATASET], told, threading.Event())


def test_a_list_of_datasets_names_no_folder_elsewhere(hub: StandIn, tmp_path: Path) -> None:
    def named(path: str, answer: Answer) -> Answer:
        return httpx.Response(200, json={"datasets": [{"dataset": "../elsewhere"}]})

    hub.faults.append(named)
    with pytest.raises(Corrupt) as error:
        receiver(hub, InFolder(tmp_path)).datasets()
    assert code_of(error) == "datasets_unreadable"


def test_a_checkpoint_of_another_dataset_is_refused(hub: StandIn, place: Receiving) -> None:
    hub.origin = "test/market_entity/government"
    with pytest.raises(Corrupt) as error:
        receiver(hub, place).receive(DATASET)
    assert code_of(error) == "checkpoint_of_another"
    assert place.store(DATASET, None).place().last == 0


def test_an_erasure_during_a_pull_makes_it_take_the_new_edition(
    hub: StandIn, place: Receiving
) -> None:
    def erase(path: str, answer: Answer) -> Answer:
        if path.endswith("segments"):
            hub.faults.clear()
            hub.erase([100])
        return answer

    hub.faults.append(erase)
    assert receiver(hub, place, limit=20).receive(DATASET)["entries"] == 150
    assert f"datasets/{DATASET}/segments/1-64.2.ndjson.zst" in hub.asked
    assert (place.store(DATASET, None).leaves() == hub.leaves()).all()


def test_a_segment_that_is_listed_and_never_there_ends_the_pull(
    hub: StandIn, tmp_path: Path
) -> None:
    def missing(path: str, answer: Answer) -> Answer:
        return httpx.Response(404) if "/segments/" in path else answer

    hub.faults.append(missing)
    with pytest.raises(Refused) as error:
        receiver(hub, InFolder(tmp_path), limit=20).receive(DATASET)
    assert code_of(error) == "hub_refused"


def test_too_many_requests_for_files_are_made_again(hub: StandIn, tmp_path: Path) -> None:
    def once(path: str, answer: Answer) -> Answer:
        if "/segments/" not in path:
            return answer
        hub.faults.clear()
        return httpx.Response(429)

    hub.faults.append(once)
    assert receiver(hub, InFolder(tmp_path), limit=20).receive(DATASET)["entries"] == 150


def test_erasing_leaves_no_part_of_a_download(hub: StandIn, tmp_path: Path) -> None:
    one = receiver(hub, InFolder(tmp_path))
    one.receive(DATASET)
    part = tmp_path / DATASET / ".1-64.1.ndjson.zst.download"
    part.write_bytes(b"content of entry 5")
    hub.notices.append({"id": 1, "dataset": DATASET, "seq": 5, "act": "erase"})
    assert one.take_notices() == {"notices": 1, "confirmed": 1}
    assert not part.exists()


@pytest.mark.parametrize("wrong", [{"tree": 1}, {"snapshots": [{"seq": 1}]}, {"snapshots": None}])
def test_a_list_of_snapshots_that_can_t_be_read_is_said(
    hub: StandIn, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    def damaged(path: str, answer: Answer) -> Answer:
        return httpx.Response(200, json=wrong) if path.endswith("snapshots") else answer

    hub.faults.append(damaged)
    with pytest.raises(Corrupt) as error:
        receiver(hub, InFolder(tmp_path), snapshot=True).receive(DATASET)
    assert code_of(error) == "snapshot_wrong"
