"""Filings from the portal's drop folder into the table, each exactly once.

A filing is in the table first, and its folder moves to `taken/` after that. Who dies between the two
finds it there at the next time, and only moves it. What can't be right is set aside in `refused/`,
with a file that says why.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, insert, select

from exchange_schemas import clocks
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import HERE, today
from exchange_schemas.errors import Corrupt, HubError, Misdeclared, Refused
from exchange_schemas.issue import Issue
from exchange_schemas.law import Law
from hub import answers
from hub.database import create_tables, write
from hub.instant import utc_now
from hub.showing import find as find_record
from hub.site import Site
from hub.tables_of_filings import KINDS, RECEIVED, REPAIR, filing
from publisher.disk import sha256, sync, write_synced
from publisher.filings import FILING, DropFolder, Filing

TAKEN, SET_ASIDE = "taken", "refused"  # folders beside what waits
WHY = "issue.json"

logger = logging.getLogger(__name__)


def take_in(site: Site, engine: Engine, catalogue: Catalogue) -> dict[str, int]:
    """Take what waits in the drop folder; returns {taken, known, refused, answers}.

    `known` were in the table already, `answers` is how many answer files were written.
    """
    create_tables(engine)
    folder, law = DropFolder(site.filings), catalogue.law()
    done = {"taken": 0, "known": 0, "refused": 0}
    with _alone(site.filings):
        for number in folder.waiting():
            try:
                new = _take(engine, catalogue, law, folder, number)
            except HubError as error:
                _set_aside(site.filings, number, error.issue)
                done["refused"] += 1
                continue
            _move(site.filings, number, TAKEN)
            done["taken" if new else "known"] += 1
    done["answers"] = answers.tell(site, engine)
    if any(done.values()):
        logger.info("filings: %s", done)
    return done


def is_waiting(site: Site) -> bool:
    """Whether there is something to take in; a folder that can't be read has nothing."""
    try:
        return bool(DropFolder(site.filings).waiting())
    except OSError as error:
        logger.warning("filings: %s", type(error).__name__)
        return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process takes filings in."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_aside(site: Site) -> list[dict[str, Any]]:
    """What couldn't be taken: {folder, code, message, message_en, at}."""
    found = sorted((site.filings / SET_ASIDE).glob(f"*/{WHY}"))
    return [{"folder": path.parent.name, **orjson.loads(path.read_bytes())} for path in found]


def _take(engine: Engine, catalogue: Catalogue, law: Law, folder: DropFolder, number: str) -> bool:
    """Whether the filing is new. Raises Corrupt, Misdeclared or Refused for one that can't be right."""
    one = folder.read(number)
    _check(one, number)
    catalogue.get(one.dataset)
    _check_evidence(folder, one)
    content = hashlib.sha256((folder.path / number / FILING).read_bytes()).hexdigest()
    with write(engine) as connection:
        query = select(filing.c.content_sha256).where(filing.c.number == number)
        known = connection.scalar(query)
        if known is None:
            row = _row(connection, law, one)
            connection.execute(insert(filing).values(**row, content_sha256=content))
        elif known != content:
            raise Refused(Issue("filing_twice", value=number))
    return known is None


def _row(connection: Connection, law: Law, one: Filing) -> dict[str, Any]:
    """The columns of a new filing; raises Refused (record_unknown)."""
    record = find_record(connection, one.dataset, one.record_id)
    day = _day(one)
    due, rule = _due(law, one, day)
    texts = ("number", "kind", "record_id", "party_name", "party_code", "contact_name", "phone",
             "email", "field", "statement", "language", "filed_at")  # fmt: skip
    flags = ("promise", "performed", "remedied")
    return {
        **{name: getattr(one, name) for name in texts},
        **{name: int(getattr(one, name)) for name in flags},
        "dataset_id": record["dataset_id"],
        "state": RECEIVED,
        "evidence": orjson.dumps([asdict(file) for file in one.evidence]).decode(),
        "filed_on": day.isoformat(),
        "received_at": utc_now(),
        "due": due,
        "due_rule": rule,
    }


def _due(law: Law, one: Filing, day: date) -> tuple[str | None, str | None]:
    """The law's last day for an answer, and its rule; Nones where there is none, or the calendar
    ends before: that is the calendar's fault and no reason to turn the party away."""
    kind = "repair_decide_by" if one.kind == REPAIR else "answer_by"
    try:
        end, rule = clocks.due(law, kind, one.dataset, day)
    except (Misdeclared, Refused):
        return None, None
    return end.isoformat(), rule


def _day(one: Filing) -> date:
    """The day here on which it was filed, and never one to come."""
    return min(datetime.fromisoformat(one.filed_at).astimezone(HERE).date(), today())


def _check(one: Filing, number: str) -> None:
    """Raises Corrupt (filing_wrong) for what the portal can't have written."""
    needed = ("number", "kind", "dataset", "record_id", "party_name", "statement", "filed_at")
    may_lack = ("party_code", "contact_name", "phone", "email", "field")
    texts = all(isinstance(getattr(one, name), str) for name in (*needed, "language"))
    texts &= all(isinstance(getattr(one, name), str | None) for name in may_lack)
    flags = all(isinstance(getattr(one, n), bool) for n in ("promise", "performed", "remedied"))
    if not texts or not flags or not all(getattr(one, name) for name in needed):
        raise _wrong(number, "a member is missing or no text", "缺少内容或者内容不是文本")
    if one.number != number:
        raise _wrong(number, "it has another number", "编号与文件夹不一致")
    if one.kind not in KINDS:
        raise _wrong(number, "its kind isn't known", "申请种类不明")
    try:
        _day(one)
    except ValueError as error:
        raise _wrong(number, "its day can't be read", "申请日期无法读取") from error


def _check_evidence(folder: DropFolder, one: Filing) -> None:
    """Raises Corrupt (filing_wrong) where a file isn't the one that was filed."""
    try:
        files = folder.evidence(one.number)
        found = [
            None if path.is_symlink() else (sha256(path), path.stat().st_size) for path in files
        ]
    except (OSError, ValueError) as error:
        raise _wrong(one.number, "its files can't be read", "证据材料无法读取") from error
    if found != [(told.sha256, told.bytes) for told in one.evidence]:
        raise _wrong(
            one.number, "its files aren't those that were filed", "证据材料与申请时不一致"
        )


def _wrong(number: str, reason: str, reason_zh: str) -> Corrupt:
    words = {"reason": reason, "reason_zh": reason_zh}
    return Corrupt(Issue("filing_wrong", value=number, params=words))


def _set_aside(path: Path, number: str, issue: Issue) -> None:
    told = {
        "code": issue.code,
        "message": issue.message("zh_CN"),
        "message_en": issue.message("en"),
        "at": utc_now(),
    }
    write_synced(path / number / WHY, orjson.dumps(told, option=orjson.OPT_INDENT_2))
    _move(path, number, SET_ASIDE)


def _move(path: Path, number: str, where: str) -> None:
    """Move a filing's folder out of the way, beside an earlier one of its number if there is one."""
    target = path / where / number
    target.parent.mkdir(mode=0o700, exist_ok=True)
    again = 0
    while target.exists():
        again += 1
        target = path / where / f"{number}.{again}"
    (path / number).rename(target)
    sync(target.parent)
    sync(path)
