"""The reference consumer against a real listening exchange, also a bad one."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from werkzeug.wrappers import Request, Response

from exchange_schemas.errors import Corrupt, HubError, Misdeclared, Refused, SourceUnavailable
from exchange_schemas.record import digest
from hub.consume import asking, consume
from hub.consume.batch import checked_batch
from hub.consume.received import Received
from hub.tables import exchange_log
from tests.hub.exchange_hub import _SITES, a_key, application, ask, entries_path, listening
from tests.hub.ledger_data import MARKET, PENALTY, a_company, a_penalty, made, put

Change = Callable[[Response], Response]

COMMAND = [sys.executable, "-c", "from hub.cli.main import hub; hub()"]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return made(f"sqlite:///{tmp_path / 'hub.sqlite'}")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAITS", (0.01, 0.01))


def through(engine: Engine, change: Change, only: str = "") -> Any:
    """The exchange, with something on the way that changes its answers at addresses that end so."""
    app = application(engine)

    def wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].endswith(only):
            return app(environ, start)  # type: ignore[no-any-return]
        return change(Response.from_app(app, environ))(environ, start)

    return wsgi


def changed_body(change: Callable[[bytes], bytes]) -> Change:
    def apply(response: Response) -> Response:
        response.data = change(response.data)
        return response

    return apply


def received(folder: Path, dataset: str = MARKET) -> list[dict[str, Any]]:
    pages = Received(folder / dataset).pages()
    return [json.loads(line) for page in pages for line in page.read_bytes().split(b"\n")[:-1]]


def test_pulling_and_pulling_on_gives_every_entry_once(database_url: str, tmp_path: Path) -> None:
    engine = made(database_url)
    put(engine, MARKET, [a_company(n) for n in range(2_345)])
    key, told = a_key(engine), list[tuple[int, int]]()
    with listening(application(engine)) as url:
        first = consume(url, MARKET, tmp_path, key, limit=1_000, told=lambda *t: told.append(t))
        again = consume(url, MARKET, tmp_path, key)
        put(engine, MARKET, [a_company(3, reg_state="注销")], gone=[a_company(4)])
        more = consume(f"{url}/exchange/v1/", MARKET, tmp_path, key)
    counts = {"dataset": MARKET, "entries": 2_345, "last": 2_345, "head": 2_345}
    assert first == counts | {"receipts": 3, "receipts_waiting": 0}
    assert told == [(1_000, 2_345), (2_000, 2_345), (2_345, 2_345)]
    assert (again["entries"], more["entries"]) == (0, 2)
    assert [entry["seq"] for entry in received(tmp_path)] == list(range(1, 2_348))
    assert sorted(p.name for p in (tmp_path / MARKET).glob("*.ndjson")) == [
        "000000000000001-000000000001000.ndjson",
        "000000000001001-000000000002000.ndjson",
        "000000000002001-000000000002345.ndjson",
        "000000000002346-000000000002347.ndjson",
    ]
    lines = Received(tmp_path / MARKET).current().read_text().split("\n")[:-1]
    current = [json.loads(line)["record"] for line in lines]
    assert len(current) == 2_344
    assert current[-1] == a_company(3, reg_state="注销")
    assert a_company(4) not in current


def test_pulling_while_two_writers_append_misses_nothing(
    database_url: str, tmp_path: Path
) -> None:
    engine = made(database_url)
    put(engine, MARKET, [a_company(0)])

    def append(start: int) -> None:
        for turn in range(12):
            first = start + 30 * turn
            put(engine, MARKET, [a_company(n) for n in range(first, first + 30)])

    writers = [threading.Thread(target=append, args=(start,)) for start in (1_000, 2_000)]
    key = a_key(engine)
    with listening(application(engine)) as url:
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            consume(url, MARKET, tmp_path, key, limit=17)
        consume(url, MARKET, tmp_path, key)
    found = received(tmp_path)
    assert [entry["seq"] for entry in found] == list(range(1, 722))
    assert len({entry["key"] for entry in found}) == 721


def first_line_flipped(body: bytes) -> bytes:
    return body.replace("第1号".encode(), "第9号".encode())


def one_left_out(body: bytes) -> bytes:
    lines = body.split(b"\n")
    return b"\n".join(lines[:1] + lines[2:])


def last_left_out(body: bytes) -> bytes:
    return b"\n".join(body.split(b"\n")[:-2]) + b"\n"


def swapped(body: bytes) -> bytes:
    first, second, *others = body.split(b"\n")
    return b"\n".join([second, first, *others])


@pytest.mark.parametrize(
    ("change", "code", "seq"),
    [
        (first_line_flipped, "entry_digest", "2"),
        (one_left_out, "entry_gap", "3"),
        (swapped, "entry_gap", "2"),
        (last_left_out, "page_incomplete", "4"),
        (lambda body: body + body, "entry_gap", "1"),
        (lambda body: body[:-40], "entry_unreadable", None),
        (lambda _: b"", "page_incomplete", "0"),
        (
            lambda body: body.replace(b'"operation":"upsert"', b'"operation":"insert"'),
            "entry_unreadable",
            None,
        ),
        (lambda body: b"[]\n" + body, "entry_unreadable", None),
        (lambda body: body.replace(b'"seq":1,', b'"seq":true,'), "entry_unreadable", None),
    ],
)
def test_a_page_that_is_not_right_is_not_kept(
    engine: Engine, tmp_path: Path, change: Callable[[bytes], bytes], code: str, seq: str | None
) -> None:
    put(engine, MARKET, [a_company(n) for n in range(5)])
    with (
        listening(through(engine, changed_body(change), "/entries")) as url,
        pytest.raises(Corrupt) as error,
    ):
        consume(url, MARKET, tmp_path, a_key(engine))
    assert error.value.issue.code == code
    if seq is not None:
        assert error.value.issue.value == seq
    assert list((tmp_path / MARKET).glob("*.ndjson")) == []


def failing(times: int, break_it: Change) -> Change:
    left = [times]

    def change(response: Response) -> Response:
        left[0] -= 1
        return break_it(response) if left[0] >= 0 else response

    return change


def unavailable(_: Response) -> Response:
    return Response("busy", status=503)


def cut_short(response: Response) -> Response:
    length = len(response.data)
    response.data = response.data[:20]
    response.headers["Content-Length"] = str(length)
    return response


@pytest.mark.parametrize("break_it", [unavailable, cut_short])
def test_two_failures_are_borne_and_three_are_told(
    engine: Engine, tmp_path: Path, break_it: Change
) -> None:
    put(engine, MARKET, [a_company(n) for n in range(5)])
    key = a_key(engine)
    with listening(through(engine, failing(3, break_it))) as url:
        with pytest.raises(SourceUnavailable) as error:
            consume(url, MARKET, tmp_path, key)
        assert error.value.issue.code == "hub_unreachable"
        assert consume(url, MARKET, tmp_path, key)["entries"] == 5
    put(engine, MARKET, [a_company(9)])
    with listening(through(engine, failing(2, break_it))) as url:
        assert consume(url, MARKET, tmp_path, key)["entries"] == 1


def test_refusals_and_wrong_addresses_are_told_at_once(engine: Engine, tmp_path: Path) -> None:
    cases: list[tuple[str, str, type[HubError], str]] = []
    with listening(application(engine)) as url:
        key = a_key(engine, datasets=(MARKET,))
        cases = [
            (url, MARKET, Refused, "401"),
            (url, PENALTY, Refused, "403"),
            (f"{url}/elsewhere", MARKET, Refused, "404"),
        ]
        for address, dataset, kind, status in cases:
            with pytest.raises(kind) as error:
                consume(address, dataset, tmp_path, "1.x" if status == "401" else key)
            assert error.value.issue.params["status"] == status
            assert key.partition(".")[2] not in error.value.issue.message("en")
    with pytest.raises(SourceUnavailable):
        consume(url, MARKET, tmp_path, key)  # nobody listens there any more
    with pytest.raises(Misdeclared):
        consume("http://hub:port", MARKET, tmp_path, key)


def test_a_page_that_is_not_the_exchange_is_refused(tmp_path: Path) -> None:
    @Request.application
    def something_else(_: Request) -> Response:
        return Response("<html>")

    with listening(something_else) as url, pytest.raises(Refused) as error:
        consume(url, MARKET, tmp_path, "1.x")
    assert error.value.issue.code == "hub_refused"


def test_a_hub_that_lost_entries_is_noticed(engine: Engine, tmp_path: Path) -> None:
    put(engine, MARKET, [a_company(n) for n in range(5)])
    before = made(f"sqlite:///{tmp_path / 'backup.sqlite'}")
    put(before, MARKET, [a_company(1)])
    with listening(application(engine)) as url:
        consume(url, MARKET, tmp_path, a_key(engine))
    _SITES[before] = _SITES[engine]  # its keys aren't in the database
    with listening(application(before)) as url, pytest.raises(Corrupt) as error:
        consume(url, MARKET, tmp_path, a_key(before))
    assert error.value.issue.code == "hub_behind"


def test_killed_at_any_moment_it_goes_on_and_has_everything_once(
    engine: Engine, tmp_path: Path
) -> None:
    put(engine, MARKET, [a_company(n) for n in range(600)])
    key, folder = a_key(engine), tmp_path / "to"

    def slow(response: Response) -> Response:
        time.sleep(0.03)
        return response

    with listening(through(engine, slow)) as url:
        command = [
            *COMMAND,
            "consume",
            url,
            "--dataset",
            MARKET,
            "--to",
            str(folder),
            "--limit",
            "10",
        ]
        environment = {**os.environ, "HUB_CONSUMER_KEY": key}
        for pages in (1, 7, 15, 40):
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
            while len(list((folder / MARKET).glob("*.ndjson"))) < pages:
                assert process.poll() is None
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
            process.wait()
        done = subprocess.run(
            [*command, "--current", "--json"], env=environment, capture_output=True, check=True
        )
    assert json.loads(done.stdout)["last"] == 600
    assert [entry["seq"] for entry in received(folder)] == list(range(1, 601))
    assert len(Path(json.loads(done.stdout)["current"]).read_text().split("\n")) == 601
    with engine.connect() as connection:
        logged = connection.scalars(select(exchange_log.c.entries)).all()
    assert sum(logged) >= 600


def _bodies() -> Iterator[bytes]:
    engine = made("sqlite://")
    put(engine, PENALTY, [a_penalty(1, "张\u0001三", penalty_kinds=["罚款", "警告"], fine="0.2")])
    yield ask(engine, entries_path(PENALTY), a_key(engine)).data


BODY = next(_bodies())
START = BODY.index(b'"record":') + len(b'"record":')


@given(place=st.integers(START, len(BODY) - 3), bit=st.integers(0, 7))
def test_no_flipped_bit_of_a_record_passes(place: int, bit: int) -> None:
    flipped = bytearray(BODY)
    flipped[place] ^= 1 << bit
    try:
        same = json.loads(flipped)["record"] == json.loads(BODY)["record"]
    except ValueError:
        same = False
    assume(not same)
    with pytest.raises(Corrupt):
        checked_batch(PENALTY, bytes(flipped), 0, 1)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=50, deadline=None)
@given(names=st.lists(TEXT, min_size=1, max_size=4), kinds=st.lists(TEXT, max_size=3))
def test_any_text_arrives_as_it_was_and_matches_its_digest(
    names: list[str], kinds: list[str]
) -> None:
    engine = made("sqlite://")
    said = [a_penalty(n, f"{n}{name}", penalty_kinds=kinds) for n, name in enumerate(names)]
    put(engine, PENALTY, said)
    body = ask(engine, entries_path(PENALTY), a_key(engine)).data
    checked_batch(PENALTY, body, 0, len(said))
    records = [json.loads(line)["record"] for line in body.split(b"\n")[:-1]]
    assert records == said
    masked = ask(engine, entries_path(PENALTY), a_key(engine, "industry")).data
    checked_batch(PENALTY, masked, 0, len(said))
    assert [digest(record) for record in records] == [digest(record) for record in said]
