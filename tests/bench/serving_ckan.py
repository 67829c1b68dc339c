"""The portal beside a real CKAN: the same questions of the Action API over the same records.

python -m tests.bench.serving_ckan RECORDS FOLDER POSTGRES_URL → JSON: requests/s of both.

CKAN runs in two workers of gunicorn, as the portal does. What its search engine would take isn't in the
figures: the stand-in that the tests have answers at once from memory.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import requests

from tests.bench.serving import DATASET, TURNS, load, ours, prepare, running, told
from tests.services.ckan_server import VERSION, Ckan, add_packages, ckan_server, installed
from tests.services.server import free_port

LIMIT = 100
_WSGI = """
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
application = make_app(CKANConfigLoader({path!r}).get_config())
"""


@contextmanager
def two_workers(ckan: Ckan) -> Iterator[str]:
    """The same CKAN once more, in gunicorn."""
    assert ckan.storage is not None
    folder = ckan.storage.parent
    add_packages(Path(installed(VERSION)).parents[1], ["gunicorn"])
    (folder / "bench_wsgi.py").write_text(_WSGI.format(path=str(folder / "ckan.ini")))
    port = free_port()
    program = str(Path(installed(VERSION)).with_name("gunicorn"))
    command = [program, "-w", "2", "-b", f"127.0.0.1:{port}", "--chdir", str(folder)]
    with running(
        [*command, "bench_wsgi:application"], port, {}, "/api/3/action/status_show"
    ) as url:
        yield url


def fill(ckan: Ckan, view: pl.DataFrame) -> str:
    """The records in the datastore of one dataset; returns the resource's id."""

    def call(action: str, **words: Any) -> dict[str, Any]:
        answer = requests.post(
            f"{ckan.url}/api/3/action/{action}", json=words, timeout=300,
            headers={"Authorization": ckan.token},
        )  # fmt: skip
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()["result"]
        return found

    owner = call("organization_create", name="bench", title="市市场监督管理局")
    package = call("package_create", name=DATASET, title="行政处罚决定", owner_org=owner["id"])
    flat = view.with_columns(pl.col(pl.List(pl.String)).list.join("；"))
    fields = [{"id": name, "type": "text"} for name in flat.columns]
    made = call(
        "datastore_create", resource={"package_id": package["id"], "name": "records.csv"},
        fields=fields, primary_key=["record_id"], records=[],
    )  # fmt: skip
    for part in flat.iter_slices(2_000):
        call("datastore_upsert", resource_id=made["resource_id"], records=part.to_dicts(),
             method="insert", force=True)  # fmt: skip
    return str(made["resource_id"])


def resource_of(url: str) -> str:
    """Our resource with a datastore."""
    answer = requests.get(f"{url}/api/3/action/package_show", {"id": DATASET}, timeout=60)
    answer.raise_for_status()
    found = [one for one in answer.json()["result"]["resources"] if one.get("datastore_active")]
    return str(found[0]["id"])


def asked(resource: str, records: int) -> dict[str, list[str]]:
    """Fresh questions each time: other offsets, other words."""
    offsets = random.Random(1).sample(range(records - LIMIT), min(records - LIMIT, 5_000))
    path = "/api/3/action/"
    return {
        "package_search": [f"{path}package_search?q={n}处罚&rows=10" for n in range(2_000)],
        "datastore_search": [
            f"{path}datastore_search?resource_id={resource}&limit={LIMIT}&offset={offset}"
            for offset in offsets
        ],
    }


def main(records: int, folder: Path, postgres: str) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    site, _, _ = prepare(records, folder)
    view = pl.read_parquet(folder / "view.parquet")
    found: dict[str, list[dict[str, Any]]] = {}
    with ckan_server(postgres) as ckan:
        theirs_id = fill(ckan, view)
        with two_workers(ckan) as theirs, ours(site) as mine:
            paths = {"ours": asked(resource_of(mine), records), "ckan": asked(theirs_id, records)}
            urls = {"ours": mine, "ckan": theirs}
            for _ in range(TURNS):
                for kind in ("package_search", "datastore_search"):
                    turn = {name: load(url, paths[name][kind]) for name, url in urls.items()}
                    found.setdefault(kind, []).append(turn)
    return {"records": records, "kinds": {kind: told(turns) for kind, turns in found.items()}}


if __name__ == "__main__":
    subprocess.run(["wrk", "-v"], check=False, capture_output=True)
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
