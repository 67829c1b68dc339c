"""The console's pages at full size, in a process of its own.

python -m tests.bench.console RECORDS SITE [POSTGRES_URL] → JSON: milliseconds of each page, peak memory.

Whole requests are measured: the session, the policy, the database, the page; not the network. Another
room adds a function to `ROOMS` that gives its pages.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.test import Client

from exchange_schemas.days import today
from hub.tables_of_review import disclosure
from hub.web.console.application import create_console
from hub.web.console.console import PREFIX
from hub.web.console.cookies import TOKEN
from tests.bench.console_site import ADDRESS, AGENT, DATASET, DEPARTMENTS, Made, make_site

TIMES = 60  # requests of each page
WARM = 3  # requests before, that aren't measured

Address = tuple[str, Mapping[str, str]]  # path within the console, and its query


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of page: what `asked` gives is asked for next, another one of its kind each time.

    `limited` says whether it may take no longer than `console_table.MOST`.
    """

    name: str
    asked: Callable[[], Address]
    limited: bool = True


@dataclass
class Chance:
    """Places anywhere in the data, the same in every run."""

    made: Made
    records: int
    random: random.Random = field(default_factory=lambda: random.Random(3))

    def place(self) -> str:
        """Somewhere in the order of a queue."""
        day = today() + timedelta(days=self.random.randrange(-5, 45))
        return f"{day}_{self.random.getrandbits(64):016x}_1"

    def record(self) -> tuple[str, str]:
        """(id, key) of a record that waits for a reviewer."""
        seq = self.random.randrange(1, self.records // 10) * 10
        query = select(disclosure.c.record_id, disclosure.c.key).where(
            disclosure.c.dataset_id == 1, disclosure.c.seq == seq
        )
        with self.made.engine.connect() as connection:
            row = connection.execute(query).one()
        return row.record_id, row.key


def record_pages(chance: Chance) -> Iterator[Page]:
    """The workbench, queues, records and bulk acts."""
    seen = [chance.record() for _ in range(20)]

    def some() -> tuple[str, str]:
        return chance.random.choice(seen)

    def record(**more: str) -> Callable[[], Address]:
        return lambda: (f"/records/{DATASET}/{some()[0]}", more)

    yield Page("workbench", lambda: ("/", {}))
    for name in ("review", "approve", "overdue", "due", "scheduled", "blocked", "rejected"):
        yield Page(f"queue: {name}", lambda name=name: (f"/queues/{name}", {}))  # type: ignore[misc]
    for name in ("review", "approve", "due"):
        yield Page(f"queue: {name}, deep", lambda name=name: (f"/queues/{name}", {"after": chance.place()}))  # type: ignore[misc]  # fmt: skip
    yield Page(
        "queue: one department", lambda: ("/queues/review", {"by": DEPARTMENTS[1], "of": DATASET})
    )
    yield Page("queue: due this week", lambda: ("/queues/due", {"due": "week"}))
    yield Page("queue: by record", lambda: ("/queues/review", {"q": some()[0]}))
    yield Page("queue: by document", lambda: ("/queues/review", {"q": some()[1].split("|")[1]}))
    yield Page("record", record())
    yield Page("record out of a queue", record(queue="review"))
    yield Page("record with ledger and holders", record(ledger="1"), limited=False)
    yield Page("bulk", lambda: ("/bulk", {"of": DATASET, "act": "review"}))
    yield Page("policies", lambda: ("/policies", {}))


#: What other rooms want measured too.
ROOMS: tuple[Callable[[Chance], Iterator[Page]], ...] = (record_pages,)


def measure_pages(made: Made, records: int) -> dict[str, dict[str, float]]:
    """Page → {p50, p95, cpu (the median of the process's own time), limited}; milliseconds."""
    client = Client(create_console(made.site, made.engine).app)
    client.set_cookie(TOKEN, made.token, path=PREFIX)
    chance = Chance(made, records)
    found = {}
    for room in ROOMS:
        for page in room(chance):
            for _ in range(WARM):
                _ask(client, *page.asked())
            told = [_timed(client, page.asked()) for _ in range(TIMES)]
            wall = statistics.quantiles([one[0] for one in told], n=20)
            found[page.name] = {
                "p50": round(wall[9], 1),
                "p95": round(wall[18], 1),
                "cpu": round(statistics.median(one[1] for one in told), 1),
                "limited": page.limited,
            }
    return found


def _timed(client: Client, asked: Address) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    _ask(client, *asked)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def _ask(client: Client, path: str, query: Mapping[str, str]) -> None:
    answer = client.get(
        path,
        query_string=query,
        base_url=f"http://localhost{PREFIX}",
        headers={"User-Agent": AGENT},
        environ_overrides={"REMOTE_ADDR": ADDRESS},
    )
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    answer.get_data()


def main(records: int, folder: Path, url: str | None) -> dict[str, Any]:
    start = time.perf_counter()
    made = make_site(folder, url, records)
    filled = round(time.perf_counter() - start, 1)
    pages = measure_pages(made, records)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"records": records, "filled_s": filled, "pages": pages, "peak_mb": round(peak)}


if __name__ == "__main__":
    given = sys.argv[1:]
    print(json.dumps(main(int(given[0]), Path(given[1]), given[2] if given[2:] else None)))
