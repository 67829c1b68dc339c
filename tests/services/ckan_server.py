"""A real CKAN, from PyPI in an environment of its own, with private servers beside it.

CKAN needs a Solr to index what it stores, and none is to be had from Debian or PyPI: the few calls
that it makes are answered by `_solr`. So what its search finds says nothing; all else is CKAN.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg
import requests

from tests.services.http_server import Asked, Said, Web, http_server
from tests.services.installed import alone_in, installed_once
from tests.services.needs import require
from tests.services.redis_server import redis_server
from tests.services.server import free_port, server

VERSION, NEXT_VERSION = "2.11.6", "2.12.0"
_NAMED = re.compile(r'name:"([^"]*)" OR id:"[^"]*"')  # as CKAN asks for one dataset


@dataclass(frozen=True)
class Ckan:
    """Its address, the token of a system administrator, the index beside it, whose answers a
    test may change, and what runs a command of its own, such as ("db", "init")."""

    url: str
    token: str
    solr: Web = field(default_factory=lambda: Web(""))
    run: Callable[..., str] = lambda *_: ""
    storage: Path = Path()  # where it keeps what is uploaded
    datastore: str = ""  # the datastore's database, as the server's own administrator


@contextmanager
def ckan_server(
    postgres_url: str,
    version: str = VERSION,
    plugins: Sequence[str] = ("datastore",),
    packages: Sequence[str] = (),
) -> Iterator[Ckan]:
    """Runs a CKAN with its datastore until the block ends; two databases of `postgres_url`'s server
    become its own. The first time it is installed, which takes about a minute.

    `packages` of PyPI bring further `plugins`."""
    require(["libmagic1", "redis-server"])
    program = installed(version)
    add_packages(Path(program).parent.parent, packages)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hub-ckan-")))
        databases = stack.enter_context(_databases(postgres_url))
        solr = stack.enter_context(http_server())
        _solr(solr, version)
        redis = stack.enter_context(redis_server())
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        config = folder / "ckan.ini"
        _configure(program, config, {
            "sqlalchemy.url": databases["ckan"],
            "ckan.datastore.write_url": databases["datastore"],
            "ckan.datastore.read_url": databases["read"],
            "ckan.redis.url": redis,
            "solr_url": f"{solr.url}/solr/ckan",
            "ckan.site_url": url,
            "ckan.site_id": "test",
            "ckan.storage_path": str(folder / "storage"),
            "ckan.plugins": " ".join(plugins),
            "ckan.locale_default": "zh_Hans_CN",
        })  # fmt: skip
        token = _initialise(program, config, databases["admin"])
        command = [program, "-c", str(config), "run", "-H", "127.0.0.1", "-p", str(port)]
        command += ["--disable-reloader", "--threaded"]
        with server(command, partial(_answers, url), folder / "log", seconds=90):
            yield Ckan(
                url, token, solr, partial(_ckan, program, config),
                storage=folder / "storage", datastore=databases["admin"],
            )  # fmt: skip


def installed(version: str) -> str:
    """The `ckan` program of a version, installed beside other temporary things."""
    folder = installed_once(f"ckan-{version}", partial(_install, version))
    return str(folder / "bin" / "ckan")


def add_packages(folder: Path, packages: Sequence[str]) -> None:
    """Install beside CKAN what isn't there yet."""
    with alone_in(folder):
        for package in packages:
            mark = folder / f"has-{package}"
            if not mark.is_file():
                pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
                subprocess.run([*pip, "install", "--quiet", package], check=True)
                mark.touch()


def _install(version: str, folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    # the extra has CKAN's own pins, which can't live with ours
    wanted = f"ckan[requirements]=={version}"
    subprocess.run([*pip, "install", "--quiet", wanted, "setuptools<81"], check=True)


def _ckan(program: str, config: Path, *words: str) -> str:
    done = subprocess.run(
        [program, "-c", str(config), *words], capture_output=True, text=True, check=False,
        cwd=config.parent,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"ckan {' '.join(words)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _configure(program: str, config: Path, settings: dict[str, str]) -> None:
    subprocess.run([program, "generate", "config", str(config)], check=True, capture_output=True)
    told = [f"{name} = {value}" for name, value in settings.items()]
    subprocess.run([program, "config-tool", str(config), *told], check=True, capture_output=True)
    (config.parent / "storage").mkdir()


def _initialise(program: str, config: Path, admin: str) -> str:
    """Tables, rights and an administrator; returns the administrator's token."""
    _ckan(program, config, "db", "init")
    _ckan(program, config, "db", "pending-migrations", "--apply")  # those of plugins
    rights = _ckan(program, config, "datastore", "set-permissions")
    statements = "\n".join(
        line for line in rights.splitlines() if not line.startswith(("\\", "BEGIN", "COMMIT"))
    )
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(statements)
    _ckan(program, config, "user", "add", "admin", "email=admin@localhost.local",
          "password=adminadmin1")  # fmt: skip
    _ckan(program, config, "sysadmin", "add", "admin")
    return _ckan(program, config, "user", "token", "add", "admin", "tests", "-q").split()[-1]


@contextmanager
def _databases(postgres_url: str) -> Iterator[dict[str, str]]:
    """Two databases with CKAN's roles in a server; dropped at the end."""
    admin = postgres_url.replace("+psycopg", "", 1)
    host = admin.rpartition("@")[2].rpartition("/")[0]
    name = f"ckan_{os.getpid()}"
    roles = (f"{name}_owner", f"{name}_reader")
    with psycopg.connect(admin, autocommit=True) as connection:
        for role in roles:
            connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'test'")
        for database in (name, f"{name}_store"):
            connection.execute(f"CREATE DATABASE {database} OWNER {roles[0]} ENCODING 'utf8'")
        try:
            yield {
                "ckan": f"postgresql://{roles[0]}:test@{host}/{name}",
                "datastore": f"postgresql://{roles[0]}:test@{host}/{name}_store",
                "read": f"postgresql://{roles[1]}:test@{host}/{name}_store",
                "admin": f"{admin.rpartition('/')[0]}/{name}_store",
            }
        finally:
            for database in (name, f"{name}_store"):
                connection.execute(f"DROP DATABASE {database} WITH (FORCE)")
            for role in roles:
                connection.execute(f"DROP OWNED BY {role}")
                connection.execute(f"DROP ROLE {role}")


def _solr(web: Web, version: str) -> None:
    """Keeps documents; finds the dataset that is asked for by its name or id, else all of them."""
    documents: dict[str, dict[str, object]] = {}
    name = f"ckan-{version.rpartition('.')[0]}"
    schema = f'<?xml version="1.0"?><schema name="{name}"><uniqueKey>index_id</uniqueKey></schema>'

    def update(asked: Asked) -> Said:
        text = asked.body.decode()
        if text.startswith("["):
            for one in json.loads(text):
                documents[str(one.get("index_id") or one["id"])] = one
        return _json({"responseHeader": {"status": 0, "QTime": 0}})

    def select(asked: Asked) -> Said:
        told = {**asked.params, **asked.form}
        wanted = _NAMED.fullmatch(told.get("q", ""))
        start, rows = int(told.get("start", 0)), int(told.get("rows", 1000))
        docs = [
            one
            for one in documents.values()
            if not wanted or wanted[1] in (one.get("name"), one["id"])
        ]
        found = {"numFound": len(docs), "start": start, "docs": docs[start : start + rows]}
        counts: dict[str, object] = {"facet_queries": {}, "facet_fields": {}, "facet_ranges": {}}
        return _json({"responseHeader": {"status": 0}, "response": found, "facet_counts": counts})

    core = "/solr/ckan"
    for path in ("/schema", "/admin/file"):
        web.say(core + path, schema, Content_Type="application/xml")
    for path in ("/update", "/update/", "/update/json", "/update/json/docs"):
        web.answers[core + path] = update
    for path in ("/select", "/select/"):
        web.answers[core + path] = select
    for path in ("/admin/ping", "/admin/ping/"):
        web.answers[core + path] = lambda _asked: _json({"status": "OK"})


def _json(told: object) -> Said:
    return Said(json.dumps(told).encode(), 200, {"Content-Type": "application/json"})


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/3/action/status_show", timeout=5).ok
    except requests.ConnectionError:
        return False
