"""Filings out of the drop folder: each exactly once, whatever dies, and nothing that is wrong."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub import answers, filing_intake, filings
from hub.analysis.work import KIND
from hub.filing_intake import SET_ASIDE, TAKEN, set_aside
from hub.schedule import enqueue_due
from hub.tables import job
from hub.tables_of_filings import filing
from hub.work import work, work_now
from tests.filings.conftest import Office, a_penalty


class Killed(BaseException):
    """As where the process dies."""


def rows(office: Office) -> int:
    with office.engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(filing)) or 0)


def folders(office: Office, name: str) -> list[str]:
    return sorted(path.name for path in (office.site.filings / name).glob("*"))


def test_killed_between_the_commit_and_the_move_it_is_taken_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    (record,) = office.publish(a_penalty(1))
    numbers = sorted([office.file(record), office.file(record, "repair")])

    def die(*_: Any) -> None:
        raise Killed

    for expected in (1, 1):  # the first one is in the table, and its folder is still there
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(filing_intake, "_move", die)
            office.take()
        assert (rows(office), folders(office, TAKEN)) == (expected, [])
        assert not office.site.answers.exists()
    assert office.take() == {"taken": 1, "known": 1, "refused": 0, "answers": 2}
    assert (rows(office), folders(office, TAKEN)) == (2, numbers)
    assert office.take() == {"taken": 0, "known": 0, "refused": 0, "answers": 0}
    assert [office.answer(number)["state"] for number in numbers] == ["received"] * 2


def test_killed_before_the_answer_is_written_the_next_one_writes_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.file(record)

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(answers, "_write", die)
        office.take()
    assert folders(office, TAKEN) == [number]
    assert office.take()["answers"] == 1
    assert office.answer(number)["state"] == "received"
    left = [path.name for path in office.site.answers.iterdir()]
    assert left == [f"{number}.json"]


def test_what_was_taken_is_kept_with_its_evidence_for_its_owner_only(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record)
    kept = office.site.filings / TAKEN / number
    assert (kept / "evidence" / "1.pdf").is_file()
    for place in (office.site.filings, kept.parent, kept, kept / "filing.json"):
        assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0


def _told(path: Path, **more: Any) -> None:
    told = json.loads(path.read_bytes())
    path.write_text(json.dumps({**told, **more}), encoding="utf-8")


def _changed(**more: Any) -> Callable[[Path], None]:
    return lambda folder: _told(folder / "filing.json", **more)


def _other_bytes(folder: Path) -> None:
    (folder / "evidence" / "1.pdf").write_bytes(b"%PDF-1.7 fraud")


def _link(folder: Path) -> None:
    proof = folder / "evidence" / "1.pdf"
    proof.symlink_to(proof.rename(folder / "elsewhere"))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda folder: (folder / "filing.json").write_bytes(b"{"), "filing_unreadable"),
        (lambda folder: (folder / "filing.json").unlink(), "filing_unreadable"),
        (_changed(surplus=1), "filing_unreadable"),
        (_changed(kind="wish"), "filing_wrong"),
        (_changed(number="SQ20261129-7KQ2M8XF4TE"), "filing_wrong"),
        (_changed(filed_at="yesterday"), "filing_wrong"),
        (_changed(party_name=["x"]), "filing_wrong"),
        (_changed(statement=""), "filing_wrong"),
        (_changed(performed="yes"), "filing_wrong"),
        (_changed(dataset="nothing"), "dataset_unknown"),
        (_changed(record_id="0" * 16), "record_unknown"),
        (_other_bytes, "filing_wrong"),
        (_link, "filing_wrong"),
        (lambda folder: (folder / "evidence" / "1.pdf").unlink(), "filing_wrong"),
        (lambda folder: (folder / "evidence" / "2.pdf").write_bytes(b"%PDF-"), "filing_wrong"),
        (lambda folder: (folder / "evidence" / "a.pdf").write_bytes(b"%PDF-"), "filing_wrong"),
    ],
)
def test_what_cannot_be_right_is_set_aside_and_the_others_are_taken(
    office: Office, spoil: Callable[[Path], Any], code: str
) -> None:
    (record,) = office.publish(a_penalty(1))
    good, bad = office.file(record), office.file(record)
    spoil(office.site.filings / bad)
    done = office.take()
    assert (done["taken"], done["refused"]) == (1, 1)
    assert (folders(office, TAKEN), folders(office, SET_ASIDE)) == ([good], [bad])
    (aside,) = set_aside(office.site)
    assert (aside["folder"], aside["code"]) == (bad, code)
    assert aside["message"] != aside["message_en"]
    assert "金丝雀" not in repr(aside)
    assert not (office.site.answers / f"{bad}.json").exists()
    assert office.take()["refused"] == 0


def test_another_filing_of_a_number_is_set_aside(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    number = office.filed(record)
    again = office.file(record)
    (office.site.filings / again).rename(office.site.filings / number)
    _told(office.site.filings / number / "filing.json", number=number)
    assert office.take()["refused"] == 1
    (aside,) = set_aside(office.site)
    assert (aside["folder"], aside["code"]) == (number, "filing_twice")
    assert rows(office) == 1


def queued(office: Office) -> list[int]:
    """What the schedule queues, other than analyses."""
    made = enqueue_due(office.site, office.engine)
    with office.engine.connect() as connection:
        others = (job.c.id.in_(made), job.c.kind != KIND)
        return list(connection.scalars(select(job.c.id).where(*others)))


def test_a_job_takes_them_in_when_there_is_something(office: Office) -> None:
    (record,) = office.publish(a_penalty(1))
    (sweep,) = queued(office)  # the day's
    work(office.site, office.engine, sweep)
    assert queued(office) == []
    number = office.file(record)
    (taking,) = queued(office)
    assert queued(office) == []  # it waits already
    done = work(office.site, office.engine, taking)
    assert done == {"taken": 1, "known": 0, "refused": 0, "answers": 1}
    assert queued(office) == []
    with office.engine.connect() as connection:
        assert [one["number"] for one in filings.listing(connection)] == [number]
    assert work_now(office.site, office.engine, "filings", {})["taken"] == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda one: st.lists(one, max_size=2) | st.dictionaries(st.text(max_size=8), one, max_size=2),
    max_leaves=4,
)
MEMBERS = ("kind", "dataset", "record_id", "party_name", "statement", "party_code", "field",
           "promise", "language", "number", "filed_at", "evidence")  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(member=st.sampled_from(MEMBERS), value=JSON)
def test_whatever_stands_in_a_filing_the_others_are_taken(
    office: Office, member: str, value: Any
) -> None:
    with office.engine.connect() as connection:
        known = connection.scalar(select(filing.c.record_id).limit(1))
    record = known or office.publish(a_penalty(1))[0]
    good, bad = office.file(record), office.file(record)
    _told(office.site.filings / bad / "filing.json", **{member: value})
    done = office.take()
    assert done["taken"] + done["known"] + done["refused"] == 2
    assert (office.site.filings / TAKEN / good).is_dir()
    assert office.answer(good)["state"] == "received"
