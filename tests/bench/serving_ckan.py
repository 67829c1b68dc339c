"""The portal beside a real CKAN: the same questions of the Action API over the same records.

python -m tests.bench.serving_ckan RECORDS FOLDER POSTGRES_URL → JSON: requests/s of both.

CKAN runs in two workers of gunicorn, as the portal does, and has the same packages, pushed to it; the
records are copied into its datastore's table, without the indexes of words, which aren't asked for. What
its search engine would take isn't in the figures: the stand-in that the tests have answers at once from
memory, with as many packages as were asked for.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import requests

from exchange_schemas.catalogue import load_catalogue
from exchange_schemas.standard import Standard
from hub.progress import Silent
from publisher.ckan.client import Client
from publisher.ckan.pushing import Push
from publisher.ckan.target import CkanTarget
from publisher.columns import RECORD_ID
from publisher.manifest import Release
from publisher.release import build_release, current_release
from tests.bench.serving import DATASET, TURNS, load, ours, prepare, running, told
from tests.services.ckan_server import VERSION, Ckan, add_packages, ckan_server, installed
from tests.services.server import free_port

LIMIT = 100
_WORDS = "SELECT indexname FROM pg_indexes WHERE tablename = %s AND indexdef LIKE '%% USING gi%%'"
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


def publish(site: Path) -> list[Release]:
    """A release of three records for each other public dataset, so that there are packages to search."""
    catalogue, root = load_catalogue(), site / "releases"
    chosen = [catalogue.get(name) for name in catalogue.datasets() if name != DATASET]
    return [build_release(root, one, _three(one)) for one in chosen if one.public]


def _three(standard: Standard) -> pl.DataFrame:
    ids = pl.DataFrame({RECORD_ID: ["1", "2", "3"]})
    fields = standard.fields_for("public")
    return ids.with_columns(
        pl.lit(None, standard.fields[name].dtype).alias(name) for name in fields
    )


def push(ckan: Ckan, releases: list[Release], portal: str) -> None:
    """The packages of these releases, their files as links."""
    target = CkanTarget("bench", ckan.url, ckan.token, portal=portal, files="link", table=False)
    catalogue, client = load_catalogue(), Client(target)
    for release in releases:
        pushing = Push(client, catalogue.get(release.dataset), release, Silent())
        pushing.take_back()
        pushing.bring()


def fill(ckan: Ckan, view: pl.DataFrame) -> str:
    """The records in the datastore, as one more resource of their package; returns its id."""
    flat = view.with_columns(pl.col(pl.List(pl.String)).list.join("；"))
    answer = requests.post(
        f"{ckan.url}/api/3/action/datastore_create", timeout=300,
        headers={"Authorization": ckan.token},
        json={
            "resource": {"package_id": DATASET, "name": "records of the bench"},
            "fields": [{"id": name, "type": "text"} for name in flat.columns],
            "primary_key": [RECORD_ID], "records": [],
        },
    )  # fmt: skip
    answer.raise_for_status()
    resource = str(answer.json()["result"]["resource_id"])
    columns = ", ".join(f'"{name}"' for name in flat.columns)
    with psycopg.connect(ckan.datastore, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no trigger for words
        for name in connection.execute(_WORDS, [resource]).fetchall():
            connection.execute(f'DROP INDEX "{name[0]}"')
        into = f'COPY "{resource}" ({columns}) FROM STDIN (FORMAT csv)'
        with connection.cursor() as cursor, cursor.copy(into) as copy:
            for part in flat.iter_slices(50_000):
                copy.write(part.write_csv(include_header=False).encode())
        connection.execute("VACUUM ANALYZE")
    return resource


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
    pages = [
        f"{path}package_search?q=*:*&rows=10&start={start}&sort={field}+{way}"
        for start in range(20) for field in ("name", "metadata_modified") for way in ("asc", "desc")
    ]  # fmt: skip
    return {
        "package_search": pages,
        # another limit for facets that aren't asked for is another question, with the same answer
        "package_search, never asked before": [
            f"{pages[n % len(pages)]}&facet.limit={n + 1}" for n in range(50_000)
        ],
        "datastore_search": [
            f"{path}datastore_search?resource_id={resource}&limit={LIMIT}&offset={offset}"
            for offset in offsets
        ],
    }


def main(records: int, folder: Path, postgres: str) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    site, _, _ = prepare(records, folder)
    releases = publish(site)
    penalties = current_release(site / "releases", DATASET)
    assert penalties is not None
    view = pl.read_parquet(folder / "view.parquet")
    found: dict[str, list[dict[str, Any]]] = {}
    with ckan_server(postgres) as ckan, ours(site) as mine:
        push(ckan, [*releases, penalties], mine)
        theirs_id = fill(ckan, view)
        with two_workers(ckan) as theirs:
            paths = {"ours": asked(resource_of(mine), records), "ckan": asked(theirs_id, records)}
            urls = {"ours": mine, "ckan": theirs}
            for _ in range(TURNS):
                for kind in paths["ours"]:
                    turn = {name: load(url, paths[name][kind], 10) for name, url in urls.items()}
                    found.setdefault(kind, []).append(turn)
    return {"records": records, "kinds": {kind: told(turns) for kind, turns in found.items()}}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
