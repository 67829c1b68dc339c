"""What a consumer has received: whole pages, each once, in order."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_schemas.errors import Corrupt, Refused
from hub.consume.received import Received

KEYS = st.sampled_from(["a", "b", "键\u2028", 'q"\\'])
STEPS = st.lists(st.tuples(KEYS, st.sampled_from(["upsert", "delete"])), min_size=1, max_size=40)


def entry(seq: int, key: str, operation: str = "upsert") -> str:
    found = {"seq": seq, "operation": operation, "key": key, "digest": None}
    if operation == "upsert":
        found["record"] = {"name": f"{key}{seq}\u0085", "list": ["1"]}
    return json.dumps(found, ensure_ascii=False)


def keep(received: Received, lines: list[str], first: int) -> None:
    body = "".join(f"{line}\n" for line in lines).encode()
    received.keep(first, first + len(lines) - 1, body)


@settings(deadline=None)
@given(steps=STEPS, size=st.integers(1, 9))
def test_current_is_what_a_replay_gives(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]], size: int
) -> None:
    received = Received(tmp_path_factory.mktemp("r") / "d")
    lines = [entry(seq, *step) for seq, step in enumerate(steps, 1)]
    expected: dict[str, str] = {}
    for (key, operation), line in zip(steps, lines, strict=True):
        expected.pop(key, None)
        if operation == "upsert":
            expected[key] = line
    with received.receiving():
        for start in range(0, len(lines), size):
            keep(received, lines[start : start + size], start + 1)
    assert received.last() == len(lines)
    assert received.current().read_text() == "".join(f"{line}\n" for line in expected.values())


def test_nothing_received_is_an_empty_state(tmp_path: Path) -> None:
    received = Received(tmp_path / "d")
    with received.receiving():
        assert received.last() == 0
        assert received.current().read_bytes() == b""


def test_unfinished_files_are_no_pages_and_go_away(tmp_path: Path) -> None:
    received = Received(tmp_path)
    keep(received, [entry(1, "a")], 1)
    unfinished = tmp_path / ".000000000000002-000000000000002.ndjson.part"
    unfinished.write_text('{"seq":')
    assert received.last() == 1
    with received.receiving():
        assert not unfinished.exists()


def test_a_missing_page_is_named(tmp_path: Path) -> None:
    received = Received(tmp_path)
    for seq in (1, 2, 3):
        keep(received, [entry(seq, "a")], seq)
    received.pages()[1].unlink()
    with pytest.raises(Corrupt) as error:
        received.last()
    assert error.value.issue.code == "received_gap"
    assert error.value.issue.params["expected"] == "2"


def test_one_process_receives_at_a_time(tmp_path: Path) -> None:
    with Received(tmp_path).receiving():
        with pytest.raises(Refused) as error, Received(tmp_path).receiving():
            pass
        assert error.value.issue.code == "receiving_busy"
    with Received(tmp_path).receiving():
        pass
