"""Chains out of a large trace ledger. Run as a program, prints JSON.

python -m tests.bench.trace_millions SIZE
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from exchange_schemas.catalogue import load_catalogue
from hub.database import connect
from hub.site import create_site
from hub.trace.chain import chain
from hub.trace.searching import search
from hub.trace.shelf import PAPERS, ROWS, refreshed
from hub.trace.walk import walk
from tests.bench.ledger_millions import median
from tests.bench.memory import peak_megabytes
from tests.bench.trace_ledger import ROWS as OF_A_LOT
from tests.bench.trace_ledger import Generated, batch, code

TIMES = 200


def main(size: int) -> dict[str, object]:
    """Fill the index, then ask at places all over the ledger."""
    with tempfile.TemporaryDirectory() as folder:
        site = create_site(Path(folder) / "site")
        inputs = Generated(site, connect("sqlite://"), load_catalogue(), size=size)
        begun = time.perf_counter()
        for kind in (ROWS, PAPERS):
            with refreshed(inputs, kind):
                pass
        found: dict[str, object] = {"index filled, s": round(time.perf_counter() - begun, 1)}
        path = site.columns / ROWS.dataset / "walk.sqlite"
        found["index, MB"] = round(path.stat().st_size / 2**20)
        lots, chance = size // OF_A_LOT, random.Random(size)

        def at(act: Callable[[int], object]) -> dict[str, float]:
            return median(lambda: act(chance.randrange(lots)), TIMES)

        walk(inputs, code(0, 0))
        found |= {
            "forward from the farm's code": at(lambda lot: walk(inputs, code(lot, lot % 3))),
            "backward from a shop's code": at(lambda lot: walk(inputs, code(lot, 36 + lot % 4))),
            "whole batch": at(lambda lot: walk(inputs, batch(lot))),
            "page of a batch, with findings": at(lambda lot: chain(inputs, batch(lot))),
            "search by operator": at(lambda lot: search(inputs, f"第{lot % 20_000}号批发部")),
        }
        found["peak, MB"] = peak_megabytes()
        return {"rows": size, **found}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1])), ensure_ascii=False))
