"""The exchange beside nginx: full pulls of sealed segments, and a hundred consumers at the tail.

python -m tests.bench.exchange RECORDS FOLDER POSTGRES_URL → JSON. One client pulls the same bytes from
nginx alone, from `hub serve` alone, and from `hub serve` behind nginx that sends the files, in turns.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from exchange_schemas.catalogue import load_catalogue
from tests.bench.exchange_pulling import pull
from tests.bench.exchange_site import DATASET, Made, make, put
from tests.bench.records import penalty_rows
from tests.bench.serving import running
from tests.services.nginx_server import nginx_before, nginx_of
from tests.services.server import free_port

TURNS, CONSUMERS, SECONDS = 7, 100, 20
EVERY = 1.0  # seconds between two runs that add entries while consumers poll
ADDED = 10  # entries of each
BASE = f"/exchange/v1/datasets/{DATASET}"


@contextmanager
def hub(made: Made, url: str, offload: str = "") -> Iterator[str]:
    """`hub serve` in a process of its own."""
    port = free_port()
    program = str(Path(sys.executable).parent / "hub")
    command = [program, "--site", str(made.site.path), "serve", "--port", str(port)]
    more = {"HUB_DATABASE_URL": url, "HUB_EXCHANGE_RATE": "0", "HUB_OFFLOAD": offload}
    with running(command, port, more, "/exchange/v1/keys") as address:
        yield address


def pulls(made: Made, url: str, folder: Path) -> dict[str, Any]:
    """Seconds of each way in each turn, once onto the disk and once into nothing."""
    headers = {"Authorization": f"Bearer {made.keys[0]}"}
    ours = [f"{BASE}/segments", *(f"{BASE}/segments/{name}" for name in made.names)]
    found: dict[str, dict[str, list[float]]] = {}
    with ExitStack() as servers:
        behind = servers.enter_context(hub(made, url, "x-accel-redirect"))
        asked = {
            "nginx": (servers.enter_context(nginx_of(made.site.exchange)), [f"/{f}" for f in made.files]),
            "hub serve": (servers.enter_context(hub(made, url)), ours),
            "nginx + hub serve": (
                servers.enter_context(nginx_before(behind, made.site.exchange)), ours,
            ),
        }  # fmt: skip
        for kind, place in {"onto the disk": folder, "into nothing": None}.items():
            for _ in range(TURNS):
                for name, (address, paths) in asked.items():
                    folder.mkdir(exist_ok=True)
                    seconds = pull(address, paths, headers, place)
                    found.setdefault(kind, {}).setdefault(name, []).append(seconds)
                    shutil.rmtree(folder)
    return {kind: _told(made, times) for kind, times in found.items()}


def _told(made: Made, times: dict[str, list[float]]) -> dict[str, Any]:
    """Medians, and the ratio to nginx turn by turn, so that a machine that drifts doesn't matter."""
    return {
        name: {
            "seconds": round(statistics.median(mine), 3),
            "mb_per_s": round(made.size / 1e6 / statistics.median(mine)),
            "of_nginx": round(
                statistics.median(a / b for a, b in zip(times["nginx"], mine, strict=True)), 2
            ),
        }
        for name, mine in times.items()
    }


def verified(made: Made, url: str, folder: Path) -> dict[str, Any]:
    """The consumer library: pulls, checks every digest, leaf and root, and keeps the files."""
    from hub.consume import consume

    with hub(made, url) as address:
        begun = time.perf_counter()
        done = consume(address, DATASET, folder, made.keys[0])
        seconds = time.perf_counter() - begun
    return {"seconds": round(seconds, 2), "rows_per_s": round(done["entries"] / seconds)}


def polls(made: Made, url: str) -> dict[str, Any]:
    """Polling without rest, once a second, and long polls, while entries are added."""
    kinds = {"without rest": (0, 0), "once a second": (1, 0), "long polls": (0, 30)}
    with hub(made, url) as address:
        return {kind: _poll(made, address, pause, wait) for kind, (pause, wait) in kinds.items()}


def _poll(made: Made, address: str, pause: float, wait: int) -> dict[str, Any]:
    head = _head(made)
    command = [sys.executable, "-m", "tests.bench.exchange_polling", address, f"{BASE}/entries"]
    process = subprocess.Popen(
        [*command, str(SECONDS), str(pause), str(wait)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write("\n".join([str(head), *made.keys]))
    process.stdin.close()
    commits, begun = dict[int, float](), time.monotonic()
    while time.monotonic() < begun + SECONDS - 2:
        time.sleep(EVERY)
        rows = penalty_rows(load_catalogue().get(DATASET), ADDED, broken=False)
        commits[head := head + ADDED] = put(made.engine, rows)
    if wait:
        while process.poll() is None:  # what still waits is woken by one more
            commits[head := head + ADDED] = put(made.engine, rows)
            time.sleep(EVERY)
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.read())
    if process.wait():
        raise RuntimeError("the consumers failed")
    delays = sorted(
        at - commits[seq] for one in found.pop("seen") for seq, at in one if seq in commits
    )
    found["visible_p50_ms"] = round(1_000 * delays[len(delays) // 2])
    found["visible_p99_ms"] = round(1_000 * delays[int(len(delays) * 0.99)])
    found["visible_most_ms"] = round(1_000 * delays[-1])
    return found


def _head(made: Made) -> int:
    from hub.ledger import head_seq

    with made.engine.connect() as connection:
        return head_seq(connection, DATASET)


def main(records: int, folder: Path, url: str) -> dict[str, Any]:
    """Everything, on PostgreSQL; polling on SQLite, too."""
    folder.mkdir(parents=True, exist_ok=True)
    made = make(folder / "site", url, records, CONSUMERS)
    told: dict[str, Any] = {
        "records": records, "bytes": made.size, "segments": len(made.names),
        "extend_per_s": round(records / made.extending),
        "seal_per_s": round(records / made.sealing),
        "pulls": pulls(made, url, folder / "taken"),
        "verified": verified(made, url, folder / "consumed"),
        "polls": {"PostgreSQL": polls(made, url)},
    }  # fmt: skip
    lite = f"sqlite:///{folder / 'lite' / 'hub.sqlite'}"
    told["polls"]["SQLite"] = polls(make(folder / "lite", lite, 1_000, CONSUMERS), lite)
    return told


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
