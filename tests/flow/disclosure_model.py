"""The model of disclosure beside which the program runs: what people said, and what the law says of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from hypothesis import strategies as st

from exchange_schemas.days import today
from hub.site import Site
from tests.flow.small_standard import DATASET

PERSONS = ("wang", "li", "zhao")
DEPARTMENTS = ("market_regulation", "health")
KEYS = (1, 2, 3, 4)
BEGIN = datetime(2026, 5, 6, 4, tzinfo=UTC)
NUMBER = "110101199003074477"  # a resident number with a right check digit: invented
ROUTES = ("records.jsonl", "records.csv")

WORDS = st.sampled_from(["销售过期食品", "虚假广告", "无照经营", f"虚假广告，身份证{NUMBER}"])
NAMES = st.sampled_from(["某商行", "某商行", "某商行", f"某商行{NUMBER}"])
KINDS = st.sampled_from([["罚款"], ["警告"], ["通报批评"], ["吊销许可证件"], ["警告", "罚款"]])
FINED = ["罚款"]
STATUS = st.sampled_from(["正常", "正常", "正常", "变更", "撤销", "无效"])
CLASSES = st.sampled_from([None, "一般", "严重", "轻微"])
PROCEDURES = st.sampled_from(["普通程序", "普通程序", "普通程序", "简易程序"])
PEOPLE, NUMBERS = st.sampled_from(PERSONS), st.sampled_from(KEYS)


@dataclass(frozen=True)
class Known:
    """What the model knows of one record: what its department said last, and who said yes to what."""

    department: str
    author: str | None
    record: dict[str, Any] | None  # None: the department has it no more
    reviewed: dict[str, str] = field(default_factory=dict)  # text of a view → who
    signed: dict[str, tuple[str, str]] = field(default_factory=dict)  # … → reviewer, approver
    ended: bool = False  # withdrawn or repaired by people, until another view is approved
    repaired: bool = False


NOBODY = Known("", None, None)
PUBLIC = ("doc_no", "subject_name", "penalty_kinds", "decided_on", "status", "severity_class")


def seen(record: dict[str, Any]) -> str:
    """What the public reads of a record, but for the numbers that are taken out of its text."""
    text = str(record.get("violation_type")).partition("身份证")[0]
    return json.dumps([text, *(record.get(name) for name in PUBLIC)], ensure_ascii=False)


def scratch() -> str | None:
    """Where sites of machines lie: in memory, where the system has such a place."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - folders of one's own


class Served:
    """What the portal hands out, and whether somebody had the right to show it."""

    site: Site
    portal: FlaskClient
    known: dict[int, Known]
    latest: str
    looked: tuple[Any, list[dict[str, Any]]] = (None, [])

    def served_now(self) -> None:
        for record in self.served():
            self.justify(record)

    def served(self) -> list[dict[str, Any]]:
        """Every record in every release that the portal hands out now.

        What it reads are files and the day, so where none of them changed it isn't asked again.
        """
        folder = self.site.releases / DATASET
        there = sorted(
            (str(p.relative_to(folder)), p.stat().st_mtime_ns) for p in folder.rglob("*")
        )
        now = (there, today())
        if self.looked[0] != now:
            self.looked = (now, self.ask_portal(folder))
        return self.looked[1]

    def ask_portal(self, folder: Path) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for number in (int(p.name) for p in folder.glob("*") if p.name.isdigit()):
            for name in ROUTES:
                answer = self.portal.get(f"/datasets/{DATASET}/releases/{number}/{name}")
                if answer.status_code == 200:
                    assert NUMBER.encode() not in answer.data
                    if name == "records.jsonl":
                        found += [json.loads(line) for line in answer.data.splitlines()]
        return found

    def justify(self, record: dict[str, Any]) -> None:
        number = int(record["doc_no"].partition("〕")[2].removesuffix("号"))
        known = self.known[number]
        text = seen(record)
        told = known.record
        assert told is not None, "the department has taken it back"
        assert told["status"] not in ("撤销", "无效"), "the decision is void"
        assert told["penalty_kinds"] != ["警告"], "a mere warning"
        assert told["procedure"] == "普通程序", "the summary procedure"
        assert not known.ended and not known.repaired, "people ended it"
        signed = known.signed.get(text)
        if signed is None:
            assert record["violation_type"] == "无照经营", "nobody approved this view"
            assert known.department == DEPARTMENTS[0]
        else:
            assert len({*signed, known.author}) == 3 or known.author is None
        until = record.get("disclosed_until")
        assert until is None or until >= today().isoformat(), "its term is over"
        assert record["published_on"] <= self.latest, "a day that hasn't come"
