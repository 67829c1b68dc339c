"""The whole main job on the shipped sample feeds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from exchange_schemas.errors import Refused
from exchange_schemas.standard import Standard
from hub import bulk_review, people, samples
from hub.analysis.work import KIND
from hub.consumers import consumer as consumers
from hub.database import connect, create_tables, write
from hub.feeds import copy_examples, copy_samples, list_feeds
from hub.progress import Progress
from hub.review import Desk
from hub.site import Site, create_site, open_site
from hub.tables import consumer, dataset
from hub.tables_of_review import disclosure
from hub.work import work_now

# Two people of the demo: nobody may approve alone.
REVIEWER, APPROVER = "demo-reviewer", "demo-approver"
PROVINCE = "demo-province"


def prepare(path: Path) -> tuple[Site, Engine]:
    """The demo's site, created with its sample feeds where there is none."""
    site = open_site(path) if (path / "feeds").is_dir() else create_site(path)
    engine = connect(site.database_url)
    create_tables(engine)
    copy_samples(site.feeds)
    copy_examples(site.feeds)
    return site, engine


def sample_feeds(site: Site) -> list[Path]:
    """The declarations of the shipped samples, registration first."""
    found = [feed.path for feed in list_feeds(site.feeds) if feed.name.startswith("sample_")]
    return sorted(found, key=lambda path: (path.stem != "sample_registration", path.stem))


def example_feeds(site: Site) -> list[Path]:
    """A feed of each other department."""
    return [feed.path for feed in list_feeds(site.feeds) if feed.name.startswith("example_")]


def run_feed(site: Site, engine: Engine, path: Path, progress: Progress) -> dict[str, Any]:
    """One feed into the ledger."""
    return work_now(site, engine, "feed_run", {"feed": str(path)}, progress)


def approve_all(site: Site, engine: Engine) -> dict[str, int]:
    """Both people decide on what is pending, each after a look at a sample; returns dataset →
    records approved now."""
    catalogue = site.catalogue()
    approved: dict[str, int] = {}
    for name in catalogue.datasets():
        standard = catalogue.get(name)
        _take_office(engine, standard)
        for act, actor in (("review", REVIEWER), ("approve", APPROVER)):
            desk = Desk(engine, catalogue, standard, actor)
            try:
                approved[name] = _decide(desk, act)
            except Refused:  # nothing is left that this person may decide on
                break
    return approved


def _take_office(engine: Engine, standard: Standard) -> None:
    with write(engine) as connection:
        for person, role in ((REVIEWER, "reviewer"), (APPROVER, "approver")):
            people.grant(connection, person, standard.department, role, "demo")


def _decide(desk: Desk, act: str) -> int:
    """Decide on all that waits, as a person does: draw, look at what was drawn, decide."""
    made = bulk_review.draw_sample(desk, act, {})
    with write(desk.engine) as connection:
        for one in made["drawn"]:
            digest = bytes.fromhex(one["view_digest"])
            samples.see(connection, made["sample"], desk.actor, one["record_id"], digest)
    return bulk_review.decide_sample(desk, made["sample"], secrecy=True, privacy=True)


def compute(site: Site, engine: Engine, progress: Progress) -> dict[str, Any]:
    """All analyses that are due."""
    return work_now(site, engine, KIND, {"names": []}, progress, topic=KIND)


def publish(site: Site, engine: Engine, progress: Progress) -> dict[str, Any]:
    """Releases of everything approved."""
    return work_now(site, engine, "publish", {"datasets": None}, progress)


def blocked(engine: Engine) -> int:
    """Disclosures that can't be approved because their public view shows private data."""
    with engine.connect() as connection:
        query = select(func.count()).where(disclosure.c.state == "blocked")
        return int(connection.scalar(query.select_from(disclosure)) or 0)


def province_key(site: Site, engine: Engine) -> str:
    """The API key of the demo's provincial consumer, kept in the site for the next demo."""
    kept = site.path / "demo-province.key"
    ours = consumer.c.name.startswith(PROVINCE)
    with write(engine) as connection:
        valid = select(consumer.c.name).where(ours, consumer.c.revoked_at.is_(None))
        names = connection.scalars(valid).all()
        if not names or not kept.is_file():
            for name in names:  # their key is lost
                consumers.revoke(connection, name)
            count = connection.scalar(select(func.count()).select_from(consumer).where(ours))
            name = f"{PROVINCE}-{count}" if count else PROVINCE
            key = consumers.add_consumer(connection, name, "government", _shared(site))
            kept.touch(mode=0o600)
            kept.write_text(key)
    return kept.read_text()


def granted(engine: Engine, key: str) -> list[str]:
    """The datasets with records that the province has been granted; in an older site fewer than there are."""
    with engine.connect() as connection:
        known = set(connection.scalars(select(dataset.c.name).where(dataset.c.seq > 0)))
        province = consumers.authenticate(connection, key)
    return [one.dataset for one in province.grants if one.dataset in known] if province else []


def _shared(site: Site) -> list[str]:
    catalogue = site.catalogue()
    return [name for name in catalogue.datasets() if catalogue.get(name).share_type != "none"]


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """Portal and exchange on a free loopback port for the length of the block; gives the URL."""
    from hub.web.server import create_server

    server = create_server(site, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=10)
