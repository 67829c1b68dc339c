"""The facts of the last computing, so that the next one looks only at what is new.

    columns/_credit/state.json       of which day, rules and ledgers, and which files count
                    facts-….parquet  all facts then, and after them
                    fresh-….parquet  those of the records that are new or others since
                    touched-….parquet  (dataset, key) of these records, whose earlier facts don't count

They follow from the ledger and may be thrown away: the next computing is a whole one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from uuid import uuid4

import orjson
import polars as pl

from hub.credit.facts import FACTS
from hub.credit.lifted import LIFTED
from hub.site import Site
from publisher.disk import write_synced

_STATE = "state.json"
_FEW, _SHARE = 50_000, 10  # facts behind the first file that may wait, or a part of it
RECORD = pl.Schema({"dataset": pl.String, "key": pl.String})


@dataclass(frozen=True, slots=True)
class Mark:
    """What facts follow from: the day, the rules (their digest), how far each ledger was read, how far the
    results went, the last erasure, and the building of the index of subjects."""

    day: str
    rules: str
    seqs: dict[str, int]
    results: int
    erasure: int
    subjects: str


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """The facts that were kept, with `mark` and what was left out then."""

    mark: Mark
    facts: str
    rows: int
    lifted: str
    fresh: str | None = None
    touched: str | None = None
    folder: Path = field(default_factory=Path)

    @property
    def day(self) -> date:
        """The day that they were computed for."""
        return date.fromisoformat(self.mark.day)

    @property
    def files(self) -> set[str]:
        """The names of the files that count."""
        return {name for name in (self.facts, self.lifted, self.fresh, self.touched) if name}

    def living(self) -> pl.LazyFrame:
        """All facts."""
        base = pl.scan_parquet(self.folder / self.facts)
        if not self.fresh:
            return base
        kept = base.join(self.changed(), on=["dataset", "key"], how="anti")
        return pl.concat([kept, pl.scan_parquet(self.folder / self.fresh)])

    def changed(self) -> pl.LazyFrame:
        """The records whose facts in the first file don't count."""
        if not self.touched:
            return pl.LazyFrame(schema=RECORD)
        return pl.scan_parquet(self.folder / self.touched)

    def left_out(self) -> pl.DataFrame:
        """What was left out."""
        return pl.read_parquet(self.folder / self.lifted)


def folder_of(site: Site) -> Path:
    """Where they are; no dataset has a name like this."""
    return site.columns / "_credit"


def read(site: Site) -> KeptFacts | None:
    """What was kept; None where there is nothing, or a file of it is missing."""
    folder = folder_of(site)
    try:
        told = orjson.loads((folder / _STATE).read_bytes())
        found = KeptFacts(**{**told, "mark": Mark(**told["mark"])}, folder=folder)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if all((folder / name).is_file() for name in found.files) else None


def keep_all(site: Site, mark: Mark, facts: pl.DataFrame, left_out: pl.DataFrame) -> None:
    """Keep facts in the place of all earlier ones."""
    folder = _made(site)
    name, out = _named("facts"), _lifted(folder, left_out)
    facts.select(list(FACTS)).write_parquet(folder / name, compression="lz4")
    _point(folder, KeptFacts(mark, name, facts.height, out))


def keep_part(
    site: Site,
    mark: Mark,
    before: KeptFacts,
    touched: pl.DataFrame,
    fresh: pl.DataFrame,
    left_out: pl.DataFrame,
) -> None:
    """Keep `fresh` in the place of the facts of the records `touched` (dataset, key)."""
    folder = _made(site)
    every = pl.concat([before.changed().collect(), touched]).unique()
    earlier = pl.DataFrame(schema=FACTS)
    if before.fresh:
        earlier = pl.read_parquet(folder / before.fresh).join(
            touched, on=["dataset", "key"], how="anti"
        )
    later = pl.concat([earlier, fresh.select(list(FACTS))])
    if every.height + later.height > max(_FEW, before.rows // _SHARE):
        base = pl.scan_parquet(folder / before.facts).join(
            every.lazy(), on=["dataset", "key"], how="anti"
        )
        keep_all(site, mark, pl.concat([base.collect(), later]), left_out)
        return
    names = _named("fresh"), _named("touched")
    later.write_parquet(folder / names[0], compression="lz4")
    every.write_parquet(folder / names[1], compression="lz4")
    out = _lifted(folder, left_out)
    _point(folder, KeptFacts(mark, before.facts, before.rows, out, *names))


def _made(site: Site) -> Path:
    folder = folder_of(site)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _named(what: str) -> str:
    return f"{what}-{uuid4().hex}.parquet"


def _lifted(folder: Path, left_out: pl.DataFrame) -> str:
    name = _named("lifted")
    left_out.select(list(LIFTED)).write_parquet(folder / name)
    return name


def _point(folder: Path, kept: KeptFacts) -> None:
    """Let these count, and remove the files that don't."""
    told = {name: value for name, value in asdict(kept).items() if name != "folder"}
    coming = folder / f".{_STATE}"
    write_synced(coming, orjson.dumps(told))
    coming.replace(folder / _STATE)
    for path in folder.glob("*.parquet"):
        if path.name not in kept.files:
            path.unlink(missing_ok=True)
