"""The main job, from pull to append, of one feed. Run as a program, prints JSON.

python -m tests.bench.main_job [--reread] FEED.yml SITE [DATABASE_URL]
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from adapters.declaration import load_feed
from exchange_schemas.catalogue import load_catalogue
from hub import pipeline
from hub.database import connect, create_tables
from hub.site import create_site, open_site
from tests.bench.memory import peak_megabytes


def main() -> None:
    arguments = sys.argv[1:]
    reread = arguments[0] == "--reread"
    feed_path, site_path, *url = arguments[reread:]
    if url:
        os.environ["HUB_DATABASE_URL"] = url[0]
    path = Path(site_path)
    site = open_site(path) if (path / "feeds").is_dir() else create_site(path)
    engine = connect(site.database_url)
    create_tables(engine)
    feed = load_feed(Path(feed_path))
    delivery = pipeline.deliver(site, engine, load_catalogue(), feed, reread=reread)
    start = time.perf_counter()
    result = pipeline.run_feed(delivery)
    seconds = time.perf_counter() - start
    counts = {name: result[name] for name in ("read", "added", "changed", "unchanged", "gone")}
    stages = {name: round(value, 3) for name, value in delivery.seconds.items()}
    print(
        json.dumps({"seconds": seconds, "stages": stages, "peak_mb": peak_megabytes(), **counts})
    )


if __name__ == "__main__":
    main()
