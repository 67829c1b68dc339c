"""Fixtures that every test may ask for: databases, a broker, a browser, the shared real data."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome

from hub.database import connect, create_tables
from hub.monitoring.logs import Lines
from tests.services.browser import browser as run_browser
from tests.services.ckan_server import VERSION, Ckan, ckan_server
from tests.services.needs import NeedMissing
from tests.services.postgres_server import fresh_database, postgres_server
from tests.services.redis_server import empty, redis_server

ROOT = Path(__file__).parent.parent
PACKAGES = ("hub", "adapters", "publisher", "exchange_schemas")
# Tests ask more than a reader may; those of the limit set it themselves.
os.environ.setdefault("HUB_PORTAL_RATE", "0")
os.environ.setdefault("HUB_EXCHANGE_RATE", "0")
LONG = (  # files that take minutes
    "tests/flow/test_canaries.py", "tests/publisher/ckan/", "tests/flow/test_ckan.py",
    "tests/adapters/test_source_ckan.py", "tests/exchange/faults/", "tests/publisher/portal/",
)  # fmt: skip
FIGURES = pytest.StashKey[dict[str, int | float]]()


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that is run in this process, by a fixture of a whole file too, sets up its log; the next
    test begins as Python does."""
    yield
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    root.handlers[:] = [one for one in root.handlers if not isinstance(one, Lines)]
    for name in PACKAGES:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> dict[str, int | float]:
    """What a proof has counted: shown at the end as a table and as JSON."""
    return request.config.stash.setdefault(FIGURES, {})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where files of tests run side by side, those that take longest are begun first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process beside others tells the one that shows the figures."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["figures"] = session.config.stash.get(FIGURES, {})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """… which takes them in."""
    told = getattr(node, "workeroutput", {}).get("figures", {})
    node.config.stash.setdefault(FIGURES, {}).update(told)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """The figures of the proofs, for people and for programs."""
    found = config.stash.get(FIGURES, {})
    if found:
        terminalreporter.section("figures")
        width = max(map(len, found))
        for name, value in found.items():
            terminalreporter.write_line(f"{name:<{width}}  {value:>12,}")
        terminalreporter.write_line(json.dumps(found, ensure_ascii=False))


def _unavailable(reason: str) -> None:
    """By hand a test may be left out with its reason; in CI that would hide a hole."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def _started(variable: str, start: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The server that `make test` started, or one of our own until the block ends."""
    with ExitStack() as own:
        url = os.environ.get(variable)
        if url is None:
            try:
                url = own.enter_context(start())
            except NeedMissing as error:
                _unavailable(str(error))
                raise
        yield url


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """The administrative database of a private PostgreSQL."""
    with _started("HUB_TEST_POSTGRES_URL", postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server_url: str) -> Iterator[str]:
    """A database with the hub's tables: to copy it takes a sixth of the time that making them does."""
    with fresh_database(postgres_server_url) as url:
        engine = connect(url)
        create_tables(engine)
        engine.dispose()
        yield url.rpartition("/")[2]


@pytest.fixture(scope="module")
def postgres_url(postgres_server_url: str) -> Iterator[str]:
    """A fresh PostgreSQL database, shared by the tests of one module."""
    with fresh_database(postgres_server_url) as url:
        yield url


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    """A private Redis."""
    with _started("HUB_TEST_REDIS_URL", redis_server) as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """A private Redis with nothing in it; processes side by side have a database each."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    url = f"{redis_server_url.rpartition('/')[0]}/{number}"
    empty(url)
    return url


@pytest.fixture(scope="session")
def ckan(postgres_server_url: str) -> Iterator[Ckan]:
    """A real CKAN, 2.11 unless HUB_TEST_CKAN names another version; what a test keeps there has
    names of its own."""
    version = os.environ.get("HUB_TEST_CKAN", VERSION)
    with ckan_server(postgres_server_url, version) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database for each test: every test that asks for it runs on both kinds. PostgreSQL's has
    the hub's tables already."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hub.sqlite'}"
        return
    server, template = map(request.getfixturevalue, ("postgres_server_url", "postgres_template"))
    with fresh_database(server, template) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Chrome]:
    """A real Chromium at 1280 × 900; `tests.services.browser.show_at` changes the size."""
    with ExitStack() as own:
        try:
            driver = own.enter_context(run_browser())
        except NeedMissing as error:
            _unavailable(str(error))
            raise
        yield driver


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; tests read it, nothing is copied from it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the real data isn't beside the project (../shared)")
    return folder
