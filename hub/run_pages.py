"""Runs, their issues and what they changed, a page at a time: no query here reads more than it shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, select

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from exchange_schemas.place import Places
from hub.tables import dataset, feed, issue, issue_count, job, revision, run
from hub.tables_of_review import disclosure
from hub.tables_of_runs import held

LARGEST = 2**31 - 1  # of a number of a run or a job: PostgreSQL takes no larger one

_RUN = (
    select(run, feed.c.name.label("feed"), dataset.c.name.label("dataset"))
    .join(feed, feed.c.id == run.c.feed_id)
    .join(dataset, dataset.c.id == run.c.dataset_id)
)


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """How often one kind of issue was found in one field; `example` is one of them, None where none
    was kept."""

    code: str
    field: str
    count: int
    example: Issue | None


def find_run(connection: Connection, run_id: int) -> RowMapping:
    """A run's columns, `feed` and `dataset`; raises Refused (run_unknown)."""
    found = None
    if run_id <= LARGEST:
        found = connection.execute(_RUN.where(run.c.id == run_id)).mappings().one_or_none()
    if found is None:
        raise Refused(Issue("run_unknown", value=str(run_id)))
    return found


def feed_number(connection: Connection, name: str) -> int | None:
    """The feed's number; None before its first run."""
    return connection.scalar(select(feed.c.id).where(feed.c.name == name))


def runs_of(
    connection: Connection, name: str, into: str, below: int | None = None, limit: int = 20
) -> Sequence[RowMapping]:
    """The feed's runs into one dataset, the newest first; those under number `below`."""
    # by numbers: with joined names a database that hasn't counted its rows looks through all runs
    number = connection.scalar(select(dataset.c.id).where(dataset.c.name == into)) or 0
    mine = (run.c.feed_id == (feed_number(connection, name) or 0)) & (run.c.dataset_id == number)
    query = select(run).where(mine, run.c.id < min(below or LARGEST, LARGEST))
    return connection.execute(query.order_by(run.c.id.desc()).limit(limit)).mappings().all()


def beside(connection: Connection, row: Mapping[Any, Any]) -> Sequence[RowMapping]:
    """The runs into other datasets that were made of the same delivery at once."""
    same = (run.c.feed_id == row["feed_id"]) & (run.c.started_at == row["started_at"])
    near = run.c.id.between(row["id"] - 50, row["id"] + 50)
    query = _RUN.where(same, near, run.c.id != row["id"]).order_by(run.c.id)
    return connection.execute(query).mappings().all()


def issue_groups(connection: Connection, row: Mapping[Any, Any]) -> list[IssueGroup]:
    """The run's issues by code and field, the most frequent first."""
    number = row["same_as"] or row["id"]
    query = select(issue_count).where(issue_count.c.run_id == number)
    counted = connection.execute(query.order_by(issue_count.c.count.desc()).limit(100)).mappings()
    groups = []
    for one in counted.all():
        field = issue.c.field == one["field"] if one["field"] else issue.c.field.is_(None)
        mine = _issues(number, one["code"]).where(field).order_by(issue.c.line).limit(1)
        example = connection.execute(mine).mappings().one_or_none()
        told = None if example is None else _issue(example, None, None)
        groups.append(IssueGroup(one["code"], one["field"], one["count"], told))
    return groups


def issues_page(
    connection: Connection,
    row: Mapping[Any, Any],
    code: str | None = None,
    after: int = -1,
    lines: int = 25,
) -> tuple[list[Issue], int | None]:
    """The issues of the run's next lines after place `after`, and after which place it goes on (None:
    these are the last). Before the first line come those of the run as a whole."""
    number, places = row["same_as"] or row["id"], places_of(row)
    found: list[RowMapping] = []
    if after < 0:
        whole = _issues(number, code).where(issue.c.line.is_(None)).limit(50)
        found += connection.execute(whole).mappings().all()
    wanted = _issues(number, code).where(issue.c.line > after)
    marks = wanted.with_only_columns(issue.c.line).distinct().order_by(issue.c.line)
    there = list(connection.scalars(marks.limit(lines + 1)))
    if there:
        some = wanted.where(issue.c.line <= there[:lines][-1])
        found += (
            connection.execute(some.order_by(issue.c.line, issue.c.field).limit(1000))
            .mappings()
            .all()
        )
    told = [_issue(one, *places.of(one["line"])) for one in found]
    return told, there[lines - 1] if len(there) > lines else None


def places_of(row: Mapping[Any, Any]) -> Places:
    """Which file and line the numbers of a run's rows mean."""
    return Places(json.loads(row["members"]) if row["members"] else [row["source"]])


def changes_page(
    connection: Connection, row: Mapping[Any, Any], after: int = 0, limit: int = 25
) -> Sequence[RowMapping]:
    """The run's revisions after sequence number `after`: seq, key, operation, and record_id where the
    record has a disclosure."""
    if row["first_seq"] is None:
        return []
    known = and_(
        disclosure.c.dataset_id == revision.c.dataset_id, disclosure.c.key == revision.c.key
    )
    first = max(after + 1, row["first_seq"])
    query = (
        select(revision.c.seq, revision.c.key, revision.c.operation, disclosure.c.record_id)
        .outerjoin(disclosure, known)
        .where(revision.c.dataset_id == row["dataset_id"])
        .where(revision.c.seq.between(min(first, 2**62), row["last_seq"]))
        .order_by(revision.c.seq)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def held_runs(
    connection: Connection,
    departments: Sequence[str],
    datasets: Sequence[str],
    below: int | None = None,
    limit: int = 50,
) -> Sequence[RowMapping]:
    """The departments' runs that wait for a person, the newest first: their columns without the
    difference. A run that names no department belongs to one of `datasets`."""
    unnamed = run.c.department.is_(None) & dataset.c.name.in_(datasets)
    mine = run.c.department.in_(departments) | unnamed
    query = _RUN.join(held, held.c.run_id == run.c.id).where(held.c.verdict.is_(None), mine)
    if below is not None:
        query = query.where(run.c.id < min(below, LARGEST))
    return connection.execute(query.order_by(run.c.id.desc()).limit(limit)).mappings().all()


def verdict_of(connection: Connection, run_id: int) -> RowMapping | None:
    """verdict, actor, reason, decided_at of a run that is or was held; None of any other."""
    columns = (held.c.verdict, held.c.actor, held.c.reason, held.c.decided_at)
    return connection.execute(select(*columns).where(held.c.run_id == run_id)).mappings().first()


def under_way(connection: Connection, topic: str) -> RowMapping | None:
    """The feed's job that is queued or running; None where there is none."""
    states = job.c.state.in_(("queued", "running"))
    query = select(job).where(job.c.topic == topic, states).order_by(job.c.id).limit(1)
    return connection.execute(query).mappings().one_or_none()


def find_job(connection: Connection, number: int, topic: str) -> RowMapping:
    """A job of a feed; raises Refused (job_unknown)."""
    found = None
    if number <= LARGEST:
        query = select(job).where(job.c.id == number, job.c.topic == topic)
        found = connection.execute(query).mappings().one_or_none()
    if found is None:
        raise Refused(Issue("job_unknown", value=str(number)))
    return found


def _issues(number: int, code: str | None) -> Select[Any]:
    query = select(issue).where(issue.c.run_id == number)
    return query if code is None else query.where(issue.c.code == code)


def _issue(row: Mapping[Any, Any], file: str | None, line: int | None) -> Issue:
    params = json.loads(row["params"])
    return Issue(row["code"], line, row["field"], row["value"], file, params)
