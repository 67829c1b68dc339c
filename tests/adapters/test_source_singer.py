"""A real tap as a source: a program that writes Singer messages."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.artefact import Store
from adapters.limits import Limits
from adapters.pull import INTERNAL, pull, read
from adapters.singer_message import read_message
from adapters.source import Ask
from adapters.source_singer import SingerSource
from exchange_schemas.errors import HubError, Misdeclared, SourceUnavailable, SourceUnreadable
from tests.adapters.conftest import Desk

# Two streams in one table of numbered rows; goes on after the `last` of its state.
TAP = """
import argparse, json, os, sys
parser = argparse.ArgumentParser()
for option in ("--config", "--state", "--catalog", "--properties"):
    parser.add_argument(option)
told = parser.parse_args()
config = json.load(open(told.config))
state = json.load(open(told.state)) if told.state else {"last": 0}
def say(**message):
    print(json.dumps(message), flush=True)
schema = {"properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
for stream in ("licences", "penalties"):
    say(type="SCHEMA", stream=stream, schema=schema, key_properties=["id"])
for number in range(state["last"] + 1, config["rows"] + 1):
    say(type="RECORD", stream="licences", record={"id": number, "name": "某"})
    print('{"type": "RECORD", "stream": "penalties", "record": {"id": %d, "amount": 2.00}}' % number)
    if number % 2 == 0:
        say(type="STATE", value={"last": number})
"""


class Site:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program("tap.py", TAP)

    def program(self, name: str, code: str) -> None:
        (self.folder / name).write_text(dedent(code), encoding="utf-8")

    def pull(
        self,
        name: str = "tap.py",
        cursor: str | None = None,
        limits: Limits | None = None,
        **told: Any,
    ) -> tuple[list[Any], str | None]:
        """The records, and the cursor."""
        plain = {"command": [sys.executable, name], "config": {"rows": 5}, "stream": "penalties"}
        ask = Ask(plain | told, self.folder, True, cursor, limits or Limits(seconds=30))
        parts = list(SingerSource().pull(ask))
        lines = [line for part in parts for line in b"".join(part.blocks).splitlines()]
        return lines, parts[-1].cursor if parts else None

    def refused(self, kind: type[HubError], code: str, **told: Any) -> HubError:
        self.program("wrong.py", code)
        with pytest.raises(kind) as caught:
            self.pull("wrong.py", **told)
        assert type(caught.value) is kind
        return caught.value


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_records_of_one_stream_as_they_are_written(site: Site) -> None:
    lines, cursor = site.pull()
    assert lines == [b'{"id": %d, "amount": 2.00}' % number for number in range(1, 6)]
    assert cursor == '{"last": 4}'
    assert len(site.pull(stream="licences")[0]) == 5


def test_the_next_pull_goes_on_after_the_last_state(site: Site) -> None:
    _, cursor = site.pull()
    lines, _ = site.pull(cursor=cursor)  # what came after the state comes again
    assert [json.loads(line)["id"] for line in lines] == [5]
    assert site.pull(cursor='{"last": 5}') == ([], None)


def test_files_for_the_tap_are_for_nobody_else_and_go_away(site: Site) -> None:
    site.program(
        "look.py",
        """
        import json, os, sys
        told = dict(zip(sys.argv[1::2], sys.argv[2::2]))
        modes = [oct(os.stat(told[name]).st_mode & 0o777) for name in ("--config", "--state")]
        print(json.dumps({"type": "SCHEMA", "stream": "penalties", "schema": {}}))
        print(json.dumps({"type": "RECORD", "stream": "penalties", "record": {
            "modes": modes, "told": told, "catalog": json.load(open(told["--catalog"])),
            "folder": os.path.dirname(told["--config"]), "environment": sorted(os.environ)}}))
        """,
    )
    (site.folder / "catalog.json").write_text('{"streams": []}')
    os.environ["TAP_REGION"], os.environ["HUB_SECRET"] = "gz", "of another feed"
    try:
        (line,), _ = site.pull("look.py", "{}", catalog="catalog.json", env=["TAP_REGION"])
    finally:
        del os.environ["TAP_REGION"], os.environ["HUB_SECRET"]
    found = json.loads(line)
    assert found["modes"] == ["0o600", "0o600"]
    assert found["catalog"] == {"streams": []}
    assert not Path(found["folder"]).exists()
    known = {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "HOME", "TZ", "TAP_REGION"}
    assert {"PATH", "TAP_REGION"} <= set(found["environment"]) <= known


HEAD = """
import sys, time
print('{"type": "SCHEMA", "stream": "penalties", "schema": {}}', flush=True)
print('{"type": "RECORD", "stream": "penalties", "record": {"id": 1}}', flush=True)
"""


def test_a_tap_that_fails_gives_nothing(site: Site) -> None:
    fault = site.refused(SourceUnavailable, HEAD + "sys.exit('the login for 某 expired')")
    assert fault.issue.code == "tap_failed"
    assert (fault.issue.params["status"], "某 expired" in str(fault)) == ("1", True)
    fault = site.refused(SourceUnavailable, HEAD + "print('{\"ty', end=''); sys.exit(3)")
    assert fault.issue.params["status"] == "3"
    fault = site.refused(SourceUnavailable, HEAD + "import os; os.kill(os.getpid(), 9)")
    assert fault.issue.params["status"] == "-9"


@pytest.mark.parametrize(
    "line",
    [
        '{"type": "RECORD", "stream": "penalties", "rec',
        "INFO starting sync",
        "[]",
        "{}",
        '{"type": "RECORD", "stream": "penalties"}',
        '{"type": "RECORD", "stream": "penalties", "record": [1]}',
        '{"type": "BATCH", "stream": "penalties", "manifest": []}',
        '{"type": "STATE", "value": {}} {}',
        '{"type": ["STATE"], "value": {}}',
        "\xff",
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_message(site: Site, line: str) -> None:
    wrong = HEAD + f"sys.stdout.buffer.write({line.encode('latin-1')!r})"
    fault = site.refused(SourceUnreadable, wrong)
    assert (fault.issue.code, fault.issue.line) == ("tap_message_wrong", 3)


def test_a_tap_that_never_ends_is_ended_with_all_it_started(site: Site) -> None:
    child = f"{HEAD}\nimport subprocess\nsubprocess.Popen(['sleep', '987.5'])\ntime.sleep(99)"
    start = time.monotonic()
    fault = site.refused(SourceUnavailable, child, limits=Limits(seconds=1))
    assert (fault.issue.code, time.monotonic() - start < 10) == ("tap_slow", True)
    assert not running_with("987.5")


def running_with(argument: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_text()
        except OSError:
            continue
        if argument in command.split("\0"):
            found.append(command)
    return found


def test_a_tap_that_gives_too_much(site: Site) -> None:
    endless = (
        HEAD + 'while True: print(\'{"type": "RECORD", "stream": "penalties", "record": {}}\')'
    )
    fault = site.refused(SourceUnreadable, endless, limits=Limits(bytes=1 << 20))
    assert fault.issue.code == "delivery_too_large"
    fault = site.refused(SourceUnreadable, HEAD + "sys.stdout.write(' ' * (17 << 20))")
    assert fault.issue.code == "tap_message_wrong"


def test_what_isnt_there(site: Site) -> None:
    with pytest.raises(Misdeclared, match="tap-nowhere"):
        site.pull(command=["tap-nowhere"])
    with pytest.raises(Misdeclared) as caught:
        site.pull(stream="complaints")
    assert "licences、penalties" in caught.value.issue.message("zh_CN")


def test_a_feed_with_a_secret(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(desk.folder)
    site.program("tell.py", "import json, sys; sys.exit(open(sys.argv[2]).read())")
    monkeypatch.setenv("TAP_KEY", "very-secret-key")
    source = {"kind": "singer", "command": [sys.executable, "tap.py"], "stream": "licences"}
    source["config"] = {"rows": 3, "deep": [{"key": "${TAP_KEY}"}]}
    told = {"format": {"kind": "jsonl"}, "fields": {"reg_no": "id", "subject_name": "name"}}
    feed = desk.declare(source=source, mode="increment", **told)
    with pytest.raises(Misdeclared) as refused:
        pull(feed, Store(desk.folder / "raw"))
    assert refused.value.issue.code == "tap_not_allowed"
    monkeypatch.setenv(INTERNAL, "test_feed")
    delivered = pull(feed, Store(desk.folder / "raw"))
    assert (delivered.cursor, delivered.parts[0].name) == ('{"last": 2}', "licences.jsonl")
    assert sum(batch.rows.height for batch in read(feed, delivered.artefact)) == 3
    source["command"] = [sys.executable, "tell.py"]
    with pytest.raises(SourceUnavailable) as caught:
        pull(desk.declare(source=source, **told), Store(desk.folder / "raw"))
    assert "deep" in str(caught.value)
    assert "very-secret-key" not in f"{caught.value} {caught.value.issue}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(), JSON), st.text(), st.dictionaries(st.text(), JSON), st.booleans()
)
def test_any_record_is_kept_as_it_is_written(
    record: dict[str, Any], stream: str, more: dict[str, Any], close: bool
) -> None:
    message = {**more, "type": "RECORD", "stream": stream, "record": record}
    marks = (",", ":") if close else (" , ", "\t: ")
    line = json.dumps(message, separators=marks, ensure_ascii=close)
    found = read_message(line.encode("utf-8", "surrogatepass"), 1, "tap")
    assert found.stream == stream
    assert found.content == json.dumps(record, separators=marks, ensure_ascii=close)
