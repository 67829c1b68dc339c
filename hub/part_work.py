"""The job that reads one file of a delivery: all that is done before the ledger is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine

from adapters.artefact import Artefact, Store
from adapters.feed import Feed
from adapters.mapping import Normaliser
from adapters.pull import read_file
from exchange_schemas.catalogue import Catalogue
from exchange_schemas.errors import Corrupt, Refused
from exchange_schemas.issue import Issue
from hub import jobs, part_file
from hub.database import write
from hub.delivery import Delivery
from hub.feeds import find_feed
from hub.heartbeat import heartbeat
from hub.jobs import Lease
from hub.named import name_rows
from hub.part_file import Read
from hub.progress import Progress
from hub.repeat import declaration_digest
from hub.site import Site
from hub.storage.artefacts import find_raw
from hub.storage.parts import keep_part

KIND = "feed_part"


@dataclass(frozen=True, slots=True)
class Part:
    """File number `place`, from 0, of the delivery `sha256`, which came under `name`, as `feed` (a path) is
    declared: `declaration` is the digest of that and of the program (`hub.repeat`)."""

    feed: str
    declaration: str
    sha256: str
    name: str
    place: int

    @classmethod
    def of(cls, delivery: Delivery, place: int) -> Part:
        """A file of a delivery that was pulled."""
        if delivery.artefact is None:
            raise ValueError("pull_source comes first")
        kept = delivery.artefact
        return cls(str(delivery.feed.path), delivery.declaration, kept.sha256, kept.name, place)

    @property
    def topic(self) -> str:
        """Of its job: the same for a run that is done again."""
        return f"part:{self.sha256[:32]}:{self.declaration[:32]}:{self.place}"

    def arguments(self) -> dict[str, Any]:
        """Of its job."""
        return asdict(self)


def store_of(site: Site) -> Store:
    """Where parts are kept until their run has taken them; not in backups, since they can be read again."""
    return Store(site.path / ".parts")


def do_job(site: Site, engine: Engine, lease: Lease, _progress: Progress) -> dict[str, Any]:
    """Arguments: those of `Part`. The result has the digest of the file with what was read.

    Raises Refused (declaration_other) where this worker's program or declaration isn't the run's.
    """
    part, catalogue = Part(**lease.arguments), site.catalogue()
    feed = find_feed(site.feeds, part.feed)
    if declaration_digest(feed, catalogue) != part.declaration:
        raise Refused(Issue("declaration_other", value=feed.name))
    with heartbeat(lambda: jobs.renew(engine, lease)):
        kept = part_file.keep(store_of(site), read_part(site, catalogue, feed, part))
        keep_part(kept.path)
    result = {"sha256": kept.sha256, "bytes": kept.size}
    with write(engine) as connection:
        jobs.finish(connection, lease, result)
    return result


def read_part(site: Site, catalogue: Catalogue, feed: Feed, part: Part) -> Iterator[Read]:
    """The file's batches, as they came and as what became of them. Raises as `adapters.pull.read`, and
    Corrupt (artefact_missing)."""
    path = find_raw(site, part.sha256)
    if not path.is_file():
        raise Corrupt(Issue("artefact_missing", value=part.sha256))
    artefact = Artefact(part.sha256, path, path.stat().st_size, part.name)
    standard = catalogue.get(feed.standard, feed.version)
    normaliser = Normaliser(feed, standard)
    for raw in read_file(feed, artefact, part.place):
        yield raw.rows, name_rows(standard, normaliser.normalise(raw), feed.fields)
