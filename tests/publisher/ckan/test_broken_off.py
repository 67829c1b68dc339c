"""A push that is broken off at any point is finished by the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import stamina

from exchange_schemas.errors import TargetUnavailable
from publisher.ckan.target import CkanTarget
from publisher.manifest import Release
from tests.publisher.ckan.pushed import Place
from tests.publisher.samples import ROWS, changed
from tests.services.ckan_server import NEXT_VERSION, VERSION, ckan_server
from tests.services.http_server import Asked, Said
from tests.services.relay import Relay, relay
from tests.source_tree import ROOT

Make = Callable[..., Place]

SECOND = [*changed(facts="别的")[:3], {**ROWS[3], "record_id": "e5"}]


def broken_off(here: Place, line: Relay, release: Release, calls: int, *, done: bool) -> bool:
    """Push until the line breaks after so many calls; whether it did before the end."""
    line.cut_after(calls, done=done)
    try:
        with stamina.set_testing(True, attempts=1):
            here.push(release)
    except TargetUnavailable:
        return True
    finally:
        line.heal()
    return False


@pytest.mark.parametrize(("rows_a_call", "done"), [(1, True), (5_000, False)])
def test_at_every_call(place: Make, line: Relay, rows_a_call: int, done: bool) -> None:
    """The first push, and an increment, broken off again and again, each time a call later. Nobody
    is shown a dataset that isn't whole, nor what left once it was deleted."""
    here = place(files="none", rows_a_call=rows_a_call)
    first = here.release()
    for calls in count():
        if not broken_off(here, line, first, calls, done=done):
            break
        shown = here.shown()
        assert shown is None or shown["version"] == "1"
    assert calls >= 6 and here.wrong(first) == []
    second = here.release(SECOND)
    for calls in count():
        if not broken_off(here, line, second, calls, done=done):
            break
        if here.shown() is not None:
            assert sorted(here.rows()) in (["a1", "b2", "c3", "d4"], ["a1", "b2", "c3"],
                                           ["a1", "b2", "c3", "e5"])  # fmt: skip
    assert here.wrong(second) == []


@pytest.mark.slow
@pytest.mark.parametrize("done", [False, True])
def test_at_every_call_of_a_new_dataset(
    place: Make, line: Relay, done: bool, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    """Each point of a first push and of an increment, in a dataset of its own; the next push is whole."""
    points = 0
    for number in (1, 2):
        for calls in count():
            here = place(files="none", rows_a_call=2 if calls % 2 else 5_000)
            here.root = tmp_path / f"{number}-{calls}"
            if number == 2:
                here.push(here.release())
            release = here.release(ROWS if number == 1 else SECOND)
            if not broken_off(here, line, release, calls, done=done):
                break
            here.push(release)
            assert here.wrong(release) == []
            points += 1
    figures[f"points at which a push was cut off{' once done' if done else ''}"] = points


def killed(here: Place, line: Relay, number: int, calls: int, *, done: bool) -> bool:
    """Push from a process of its own, killed at a call; whether it came to that."""
    left, child = calls, list[subprocess.Popen[bytes]]()

    def kill() -> None:
        child[0].send_signal(signal.SIGKILL)
        child[0].wait()

    def instead(_asked: Asked) -> None:
        nonlocal left
        left -= 1
        if left == -1 and not done:
            kill()

    def afterwards(_asked: Asked, said: Said) -> Said:
        if left == -1 and done:
            kill()
        return said

    line.instead, line.afterwards = instead, afterwards
    told = [here.target.url, here.target.prefix, str(here.root), str(number)]
    program = [sys.executable, "-m", "tests.publisher.ckan.pushing_process", *told]
    child.append(subprocess.Popen(program, env={**os.environ, "TOKEN": here.target.token}))
    code = child[0].wait(120)
    line.heal()
    assert code in (0, -signal.SIGKILL)
    return code != 0


def test_a_killed_process(place: Make, line: Relay) -> None:
    here = place()
    release = here.release()
    assert killed(here, line, 1, 9, done=True) and here.shown() is None
    here.push(release)
    assert here.wrong(release) == []


@pytest.mark.slow
def test_everything_on_the_next_version() -> None:
    """The quick tests of this folder and the way from a decision to every surface, on CKAN 2.12."""
    folders = [str(Path(__file__).parent), "tests/flow/test_ckan.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", *folders]
    environment = {**os.environ, "HUB_TEST_CKAN": NEXT_VERSION}
    subprocess.run(command, env=environment, check=True, cwd=ROOT)


@pytest.mark.slow
@pytest.mark.parametrize("version", [VERSION, NEXT_VERSION])
def test_killed_at_every_call(
    version: str, postgres_server_url: str, tmp_path: Path, figures: dict[str, int | float]
) -> None:
    """With all files, in both versions: processes killed one after the other, each a call later than
    the one before, before the call reached the server or after it was done there."""
    points = 0
    with ckan_server(postgres_server_url, version) as ckan, relay(ckan.url) as line:
        target = CkanTarget("test", line.url, ckan.token, prefix="killed-")
        here = Place(ckan, target, tmp_path)
        for number, rows in ((1, ROWS), (2, SECOND)):
            release = here.release(rows)
            for calls in count():
                if not killed(here, line, number, calls, done=calls % 2 == 1):
                    break
                shown = here.shown()
                assert shown is None or shown["version"] in ("1", str(number))
                points += 1
            assert here.wrong(release) == []
    figures[f"points at which a push to CKAN {version} was killed"] = points
