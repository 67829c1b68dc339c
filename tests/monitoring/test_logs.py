"""Lines of the log: what they carry, and what never stands in them."""

from __future__ import annotations

import logging
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_schemas.errors import Misdeclared, Refused
from exchange_schemas.issue import Issue
from hub.monitoring.bound import begin, bind, bound
from hub.monitoring.logs import Lines, log_faults, start_logging
from hub.monitoring.redaction import HIDDEN, LONGEST, clean, secrets_in
from tests.monitoring.conftest import Written

own = logging.getLogger("hub.somewhere")
foreign = logging.getLogger("waitress")
NAME = '张三丰\r\n{"level":"info","event":"forged"}\u2028\x1b[2J'


def test_a_line_has_its_time_level_event_and_ids(written: Written) -> None:
    start_logging({"HUB_LOG_FORMAT": "json"}, usual="info")
    begin()
    with bound(job=7, feed="town", run=None):
        own.info("read %d rows", 3, extra={"seconds": 0.5})
        bind(run=12)
        own.warning("done")
    own.warning("alone")
    first, second, third = written.lines
    assert first["time"].endswith("Z") and list(first)[:3] == ["time", "level", "event"]
    assert (first["level"], first["event"], first["seconds"]) == ("info", "read 3 rows", 0.5)
    assert (first["job"], first["feed"], first["logger"]) == (7, "town", "hub.somewhere")
    assert "run" not in first and second["run"] == 12
    assert {"job", "feed", "run"}.isdisjoint(third)


def test_text_is_for_people_and_one_line_too(written: Written) -> None:
    start_logging({"HUB_LOG_FORMAT": "text", "HUB_LOG_LEVEL": "warning"})
    with bound(feed=NAME):
        own.warning("lost %s", NAME)
        own.info("not asked for")
    assert len(written.text.splitlines()) == 1
    assert "WARNING lost 张三丰\\r\\n" in written.text and "\x1b" not in written.text


def test_a_wrong_setting_is_told() -> None:
    for name in ("HUB_LOG_FORMAT", "HUB_LOG_LEVEL"):
        with pytest.raises(Misdeclared) as told:
            start_logging({name: "loud"})
        assert told.value.issue.code == "log_setting_wrong" and name in str(told.value)


def test_beginning_again_writes_each_line_once(written: Written) -> None:
    for _ in range(3):
        start_logging({"HUB_LOG_FORMAT": "json"})
    own.warning("once")
    assert len(written.lines) == 1


def test_an_error_is_its_kind_and_its_places(written: Written) -> None:
    start_logging({"HUB_LOG_FORMAT": "json"})
    refused = Refused(Issue("same_person", value=NAME))
    try:
        raise ValueError(f"bad record of {NAME}")  # noqa: TRY301
    except ValueError as error:
        own.exception("a page failed")
        own.warning("because of %s", error)
    own.error("job: %s", refused)
    own.error(refused)
    failed, because, job, alone = written.lines
    assert failed["error"] == "ValueError" and "test_logs.py" in failed["places"][-1]
    assert because["event"] == "because of ValueError"
    assert job["event"] == "job: same_person" and alone["event"] == "same_person"
    assert "张三" not in written.text


def test_of_other_libraries_only_the_template_counts(written: Written) -> None:
    start_logging({"HUB_LOG_FORMAT": "json", "HUB_LOG_LEVEL": "debug"})
    foreign.error("Exception while serving %s", f"/search?q={NAME}", exc_info=ValueError(NAME))
    foreign.info("not heard")
    (line,) = written.lines
    assert line["event"] == "Exception while serving %s" and line["error"] == "ValueError"
    assert "张三" not in written.text


def test_what_nothing_caught_is_a_line(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    start_logging({"HUB_LOG_FORMAT": "json"})
    log_faults()

    def fails() -> None:
        raise ValueError(NAME)

    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
    try:
        fails()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    assert [line["error"] for line in written.lines] == ["ValueError"] * 2
    assert "张三" not in written.text


def test_a_line_that_cannot_be_made_is_counted(written: Written) -> None:
    start_logging({"HUB_LOG_FORMAT": "json"})
    (handler,) = [one for one in logging.getLogger().handlers if isinstance(one, Lines)]
    handler.emit(logging.LogRecord("hub", 30, "", 1, "%d rows", (NAME,), None))
    (line,) = written.lines
    assert line == {"event": "a log line was lost", "error": "TypeError"}


ENVIRONMENT = {
    "HUB_DATABASE_URL": "postgresql://hub:canary-db%40x@h/hub",
    "HUB_ALERTS_WECOM": "https://robot.example/send?key=canary-robot",
    "HUB_METRICS_TOKEN": "canary-token",
    "HUB_LANG": "zh_CN",
}


@pytest.mark.parametrize(
    "text",
    [
        "connect to postgresql://hub:canary-db%40x@h/hub",
        "password canary-db@x refused",
        "GET https://robot.example/send?key=canary-robot",
        "key=canary-robot",
        "town says canary-town",
        "Authorization: Bearer canary-token",
    ],
)
def test_secrets_are_hidden(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWN_CODE", "canary-town")  # named like no secret: a feed refers to it
    secrets = secrets_in(ENVIRONMENT, ["password: ${TOWN_CODE}"])
    shown = clean(text, secrets)
    assert "canary" not in shown and HIDDEN in shown
    assert clean("zh_CN stays", secrets) == "zh_CN stays"


@pytest.mark.parametrize(
    "text",
    ["ftp://a:hunter22@h", "Authorization: Basic aHVudGVyMjI=", "x?access_token=hunter22&y=1"],
)
def test_secrets_that_nobody_told_are_known_by_their_shape(text: str) -> None:
    assert "hunter22" not in clean(text) and "aHVudGVyMjI" not in clean(text)


@given(st.text())
def test_any_text_becomes_one_short_line(text: str) -> None:
    shown = clean(text)
    assert len(shown.splitlines()) <= 1 and len(shown) <= LONGEST + 1
    assert not any(ord(c) < 32 for c in shown)
