"""Delivers as a process of its own that can be killed: `python -m tests.exchange.outbound_child SITE`.

Everything is loaded once; for each line on standard input a child is forked that delivers, and its
process id is told.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from exchange_schemas.catalogue import load_catalogue
from hub.database import connect
from hub.outbound.delivering import deliver
from hub.outbound.desk import open_desk
from hub.outbound.target import find_target
from hub.site import Site


def _deliver(folder: Path) -> None:
    site = Site(folder)
    engine = connect(site.database_url)
    deliver(open_desk(site, engine, load_catalogue(), find_target(site.targets, "p")))


def main(folder: Path) -> None:
    """Serve until standard input ends."""
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _deliver(folder)
            finally:
                os._exit(0)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
