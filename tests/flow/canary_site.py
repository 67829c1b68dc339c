"""A site into which the planted records of all standards go the whole way, to every end there is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner
from sqlalchemy import Engine, select

from exchange_schemas.catalogue import Catalogue
from exchange_schemas.days import today
from exchange_schemas.standard import Standard
from hub import disclosures, ledger, people, review
from hub.chosen import Chosen
from hub.cli.main import hub
from hub.database import connect, create_tables, write
from hub.decisions import Decision, Reason, decide
from hub.review import Desk
from hub.site import Site, create_site
from hub.states import PENDING, PUBLIC
from hub.tables import dataset
from hub.tables_of_review import disclosure
from tests.flow.canaries import Mint, Record
from tests.flow.planting import planted, spoilt
from tests.reviewing import ROLES

PEOPLE = ("wang", "li")
#: What becomes of the records of a dataset that may be public: the first two are, and the others in
#: another order in every dataset, so that each has some and all have all.
PUBLISHED = ("publish", "publish")
FATES = (
    "wait", "review", "reject", "withdraw", "change", "expire", "repair", "gone", "schedule",
    "return", "object", "change_again",
)  # fmt: skip
APPROVED = ("publish", "withdraw", "change", "expire", "repair", "gone", "schedule", "object",
            "change_again")  # fmt: skip
QUEUED = ("administrative_penalty", "complaint_report")  # read once more by a worker


@dataclass
class Aviary:
    """The site, all canaries, what each dataset last delivered, and what commands have said."""

    site: Site
    engine: Engine
    catalogue: Catalogue
    mint: Mint = field(default_factory=Mint)
    delivered: dict[str, list[Record]] = field(default_factory=dict)
    fates: dict[str, dict[str, str]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    board: str = ""

    def run(self, *words: str, fails: bool = False) -> str:
        """A command as an operator calls it; what it says to them is kept."""
        result = CliRunner().invoke(hub, ["--site", str(self.site.path), *words])
        assert fails or result.exit_code == 0, result.output
        self.said += [result.stdout, result.stderr]
        return result.stdout

    def desk(self, name: str, actor: str) -> Desk:
        return Desk(self.engine, self.catalogue, self.catalogue.get(name), actor)

    @property
    def public(self) -> list[str]:
        """The datasets that may be public at all."""
        return [n for n in self.catalogue.datasets() if self.catalogue.get(n).public]

    def rows(self, name: str, *states: str) -> list[dict[str, Any]]:
        """The disclosures of a dataset, or those in some states: key, record_id, seq, state."""
        columns = [disclosure.c[one] for one in ("key", "record_id", "seq", "state")]
        mine = (dataset.c.id == disclosure.c.dataset_id) & (dataset.c.name == name)
        query = select(*columns).where(mine).order_by(disclosure.c.key)
        with self.engine.connect() as connection:
            found = [dict(row) for row in connection.execute(query).mappings()]
        return [row for row in found if not states or row["state"] in states]

    def contents(self, name: str) -> dict[int, Record]:
        """seq → record, of every revision of a dataset that isn't a delete."""
        with self.engine.connect() as connection:
            frames = ledger.content_frames(connection, name, 0, ledger.head_seq(connection, name))
            return {
                seq: json.loads(text)
                for frame in frames
                for seq, text in frame.iter_rows()
                if text
            }


def build(folder: Path, catalogue: Catalogue) -> Aviary:
    """Everything is delivered, decided, published, changed and published again."""
    site = create_site(folder / "site")
    engine = connect(site.database_url)
    create_tables(engine)
    aviary = Aviary(site, engine, catalogue)
    _appoint(aviary)
    for name in catalogue.datasets():
        aviary.delivered[name] = planted(aviary.mint, catalogue, name)
    _deliver(aviary, folder, list(aviary.delivered))
    disclosures.refresh(engine, catalogue)
    for place, name in enumerate(aviary.public):
        _decide(aviary, name, place)
    aviary.run("publish")
    for name in aviary.public:
        _after_publishing(aviary, name)
    _deliver(aviary, folder, _change(aviary), "--json")
    disclosures.refresh(engine, catalogue)
    for name in aviary.public:
        _again(aviary, name)
    aviary.run("publish", "--json")
    aviary.run("verify")
    aviary.run("feed", "run", "--queue", "--reread", *QUEUED)
    aviary.run("worker", "--once", "--no-schedule")
    aviary.run("standard", "site", str(site.dictionary))
    aviary.board = aviary.run("scoreboard", "--public", "--json")
    return aviary


def _appoint(aviary: Aviary) -> None:
    departments = {aviary.catalogue.get(n).department for n in aviary.catalogue.datasets()}
    with write(aviary.engine) as connection:
        for person in PEOPLE:
            for department in departments:
                for role in ROLES:
                    people.grant(connection, person, department, role, "tests")


def _deliver(aviary: Aviary, folder: Path, names: list[str], *told: str) -> None:
    """Every dataset's feed, with one row more that is refused for every text in it."""
    for name in names:
        standard, records = aviary.catalogue.get(name), aviary.delivered[name]
        bad = spoilt(aviary.mint, standard, records[-1])
        lines = [
            json.dumps(one, ensure_ascii=False) for one in [*records, *([bad] if bad else [])]
        ]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        given = {field for one in records for field in one}
        declared = _declaration(standard, folder / f"{name}.jsonl", given)
        text = yaml.safe_dump(declared, allow_unicode=True)
        (aviary.site.feeds / f"{name}.yml").write_text(text, encoding="utf-8")
    aviary.run("feed", "run", "--accept", *told, *names)
    aviary.run("quarantine", "list", *told)


def _declaration(standard: Standard, path: Path, given: set[str]) -> dict[str, Any]:
    return {
        "feed": standard.dataset,
        "title": {"zh": "测试", "en": "Test"},
        "standard": standard.dataset,
        "source": {"kind": "file", "path": str(path)},
        "format": {"kind": "jsonl"},
        "mode": "snapshot",
        "fields": {name: name for name in standard.fields if name in given},
    }


def _decide(aviary: Aviary, name: str, place: int) -> None:
    """Two people decide on the dataset's records, each to another end."""
    waiting = [row["record_id"] for row in aviary.rows(name, PENDING)]
    turned = FATES[place % len(FATES) :] + FATES[: place % len(FATES)]
    fates = dict(zip(waiting, (*PUBLISHED, *turned, *PUBLISHED * len(waiting)), strict=False))
    aviary.fates[name] = fates
    first, second = (aviary.desk(name, person) for person in PEOPLE)
    _each(first, fates, ("review", "return", *APPROVED), review.review, secrecy=True, privacy=True)
    _each(first, fates, ("reject",), review.reject, Reason("internal", "不公开"))
    _each(second, fates, ("return",), review.give_back, Reason("inaccurate"))
    _each(second, fates, APPROVED, review.approve)
    _each(second, fates, ("schedule",), review.schedule, "2099-01-01")


def _each(
    desk: Desk, fates: dict[str, str], chosen: tuple[str, ...], act: Any, *more: Any, **told: Any
) -> None:
    ids = tuple(one for one, fate in fates.items() if fate in chosen)
    if ids:
        assert act(desk, Chosen(ids), *more, **told) == len(ids)


def _after_publishing(aviary: Aviary, name: str) -> None:
    fates = {
        row["record_id"]: aviary.fates[name][row["record_id"]]
        for row in aviary.rows(name, *PUBLIC)
    }
    desk = aviary.desk(name, "li")
    _each(desk, fates, ("withdraw",), review.withdraw, Reason("other", "不再公开"))
    for fate, code in (("repair", "repair_granted"), ("object", "objection_filed")):
        ids = tuple(one for one, own in fates.items() if own == fate)
        assert not ids or review.act(desk, fate, Chosen(ids), Reason(code)) == len(ids)
    ended = [one for one, own in fates.items() if own == "expire"]
    with write(aviary.engine) as connection:
        number = ledger.dataset_id(connection, name)
        made = Decision(number, "expire", f"public_until {today()}")
        assert decide(connection, made, disclosure.c.record_id.in_(ended)) == len(ended)


def _again(aviary: Aviary, name: str) -> None:
    """Some records that were changed are approved once more."""
    fates = {
        row["record_id"]: aviary.fates[name].get(row["record_id"], "")
        for row in aviary.rows(name, PENDING)
    }
    chosen = ("change_again",)
    _each(aviary.desk(name, "wang"), fates, chosen, review.review, secrecy=True, privacy=True)
    _each(aviary.desk(name, "li"), fates, chosen, review.approve)


def _change(aviary: Aviary) -> list[str]:
    """The next delivery says something else of some public records, and nothing of others; returns
    the datasets of which it does."""
    before = dict(aviary.delivered)
    fresh = {n: planted(aviary.mint, aviary.catalogue, n) for n in aviary.public}
    for name in aviary.public:
        standard, kept = aviary.catalogue.get(name), []
        contents = aviary.contents(name)
        texts = {
            json.dumps(contents[row["seq"]], ensure_ascii=False, sort_keys=True): fate
            for row in aviary.rows(name, *PUBLIC)
            if (fate := aviary.fates[name].get(row["record_id"]))
        }
        keys = {field for part in standard.key for field in part}
        for place, record in enumerate(aviary.delivered[name]):
            given = {n: v for n, v in record.items() if v is not None}
            fate = texts.get(json.dumps(given, ensure_ascii=False, sort_keys=True))
            if fate == "gone":
                continue
            if fate in ("change", "change_again"):
                own = {n: v for n, v in record.items() if n in keys}
                kept.append({**fresh[name][place], **own})
            else:
                kept.append(record)
        aviary.delivered[name] = kept
    return [n for n, records in aviary.delivered.items() if records != before[n]]
