"""Answers: what the portal may tell a party of its filing, one file each.

A file has the state, days and the answer's text, and nothing of whoever filed. The table says which
files are behind it, so that what a crash left undone is done by the next one who looks.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import polars as pl
from sqlalchemy import Engine, RowMapping, select, update

from exchange_schemas.errors import Refused
from exchange_schemas.issue import Issue
from hub.database import write
from hub.site import Site
from hub.tables import dataset
from hub.tables_of_filings import filing
from publisher.answers import Answer
from publisher.disk import sync, write_synced
from publisher.hits import find

_PERSONAL = ("contact_name", "phone", "email")  # of who filed


@dataclass(frozen=True, slots=True)
class Texts:
    """An answer in Chinese, and in English where somebody wrote one."""

    zh: str
    en: str | None = None


def check_texts(row: RowMapping, texts: Texts) -> None:
    """Raises Refused (answer_missing, answer_private): an answer is read by whoever has the number,
    so it has no private data, of whomever, and not the name of the person who filed."""
    if not texts.zh.strip():
        raise Refused(Issue("answer_missing"))
    told = [text for text in (texts.zh, texts.en) if text]
    frame = pl.DataFrame(
        {"row": range(len(told)), "text": told}, schema_overrides={"row": pl.UInt32}
    )
    kinds = find(frame)["kind"].unique().sort().to_list()
    # A party without a code is a person.
    names = _PERSONAL if row["party_code"] else (*_PERSONAL, "party_name")
    kinds += [name for name in names if row[name] and any(row[name] in text for text in told)]
    if kinds:
        raise Refused(Issue("answer_private", value=", ".join(kinds)))


def tell(site: Site, engine: Engine) -> int:
    """Write the files that are behind the table; returns how many."""
    columns = (name for name in Answer.__slots__ if name != "dataset")
    query = (
        select(
            filing.c.id,
            filing.c.decided_at,
            dataset.c.name.label("dataset"),
            *(filing.c[name] for name in columns),
        )
        .join(dataset, dataset.c.id == filing.c.dataset_id)
        .where(filing.c.told == 0)
        .order_by(filing.c.id)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    for row in rows:
        _write(site.answers, Answer(**{name: row[name] for name in Answer.__slots__}))
        # What was decided since stays untold, and is written by the next one who looks.
        same = (filing.c.id == row["id"]) & (filing.c.state == row["state"])
        same &= filing.c.decided_at.is_not_distinct_from(row["decided_at"])
        with write(engine) as connection:
            connection.execute(update(filing).where(same).values(told=1))
    return len(rows)


def _write(folder: Path, answer: Answer) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".{answer.number}.part"
    write_synced(beside, orjson.dumps(asdict(answer), option=orjson.OPT_INDENT_2))
    beside.replace(folder / f"{answer.number}.json")
    sync(folder)
